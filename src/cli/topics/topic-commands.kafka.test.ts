import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { runCli } from '../../../test/servers/cli.ts'
import { sharedKafka, type SharedKafka } from '../../../test/servers/kafka.ts'
import { roundTrip } from './testing/round-trip.ts'

let kafka: SharedKafka
before(async () => void (kafka = await sharedKafka()))
after(() => kafka[Symbol.asyncDispose]())

test('what consume prints, produce appends: in a Kafka cluster, without a worker', async () => {
  await roundTrip(['--bootstrap-server', kafka.bootstrapServers], 'orders')
})

test('client properties that cannot be read are one clear line', async () => {
  const place = ['--bootstrap-server', kafka.bootstrapServers, '--command-config', 'nowhere.properties']
  const { status, stderr } = await runCli(['topics', 'list', ...place])
  assert.equal(status, 1)
  assert.match(stderr, /^tailrace: The client properties nowhere\.properties cannot be read[^\n]*\n$/)
})
