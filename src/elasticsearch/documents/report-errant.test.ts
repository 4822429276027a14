import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConnectError } from '../../api/errors.ts'
import { reportErrant } from './report-errant.ts'

const origin = { topic: 't', partition: 0, offset: 1n }
const rejecting = (reason: Error) => ({ errantRecords: { report: () => Promise.reject(reason) } })

test('whether the task fails after a report the options of the sink say, and not errors.tolerance', async () => {
  await reportErrant({ errantRecords: null }, origin, new Error('bad'))
  const exceeded = new ConnectError('connect.tolerance-exceeded', 'Tolerance exceeded in error handler')
  await reportErrant(rejecting(exceeded), origin, new Error('bad'))
  const lost = new Error('the dead letter topic is gone')
  await assert.rejects(reportErrant(rejecting(lost), origin, new Error('bad')), lost)
})
