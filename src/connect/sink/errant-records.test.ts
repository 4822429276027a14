import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConnectorConfig } from '../../api/config-def.ts'
import type { SinkRecord } from '../../api/record.ts'
import type { DeadLetterQueue } from './dead-letter-queue.ts'
import { ErrorTolerance } from '../task/error-tolerance.ts'
import { errantRecordReporter } from './errant-records.ts'
import { TaskMeter } from '../task/task-meter.ts'
import { silentLogger } from '../testing/silent-logger.ts'

const origin = { topic: 't', partition: 0, offset: 5n }
const record = { origin, timestamp: 0 } as SinkRecord

function tolerance(config: ConnectorConfig): ErrorTolerance {
  const { signal } = new AbortController()
  const task = { connector: 'c', task: 0 }
  return new ErrorTolerance(config, { task, logger: silentLogger, signal, meter: new TaskMeter() })
}

for (const tolerated of ['none', 'all']) {
  test(`what a sink reports is kept as a dead letter with errors.tolerance=${tolerated}`, async () => {
    const sent: unknown[] = []
    const queue = { send: (...letter: unknown[]) => Promise.resolve(sent.push(...letter)) }
    const reporter = errantRecordReporter(
      tolerance({ 'errors.tolerance': tolerated }),
      queue as unknown as DeadLetterQueue,
    )
    const error = new Error('does not fit')
    const reported = reporter!.report(record, error)
    if (tolerated === 'all') await reported
    else await assert.rejects(reported, { code: 'connect.tolerance-exceeded', cause: error })
    assert.equal(sent[0], origin)
    assert.equal((sent[1] as { error: unknown }).error, error)
  })
}

test('without a dead letter queue and a log of errors nobody is to be told', () => {
  assert.equal(errantRecordReporter(tolerance({ 'errors.tolerance': 'all' }), null), null)
  assert.notEqual(errantRecordReporter(tolerance({ 'errors.log.enable': 'true' }), null), null)
})
