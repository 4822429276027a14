import { test } from 'node:test'
import { startWorker } from '../../../test/servers/worker.ts'
import { roundTrip } from './testing/round-trip.ts'

test('what consume prints, produce appends: on a worker', async () => {
  await using worker = await startWorker()
  await roundTrip(['--url', worker.url], 'orders')
})
