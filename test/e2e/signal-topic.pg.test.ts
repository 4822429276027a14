import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startPostgres } from '../servers/postgres.ts'
import { sourceConfig, startWorker } from '../servers/worker.ts'
import { waitFor } from '../wait-for.ts'

test('a signal in a topic of the worker has a table read, once', async () => {
  const postgres = await startPostgres()
  try {
    await postgres.query('create table t (id int primary key)')
    await postgres.query('insert into t select generate_series(1, 5)')
    await using worker = await startWorker()
    const signal = {
      id: '1',
      type: 'execute-snapshot',
      data: { 'data-collections': ['public.t'], type: 'INCREMENTAL' },
    }
    await worker.rest('PUT', '/topics/sig-signal', { partitions: 1 })
    const records = [
      { key: 'another', value: JSON.stringify(signal) },
      { key: 'sig', value: 'no json' },
      { key: 'sig', value: JSON.stringify(signal) },
    ]
    const { status } = await worker.rest('POST', '/topics/sig-signal/records', { records })
    assert.equal(status, 204)
    await worker.create(
      'source',
      sourceConfig(postgres, {
        'topic.prefix': 'sig',
        'snapshot.mode': 'no_data',
        'read.only': 'true',
        'signal.enabled.channels': 'kafka',
        'signal.poll.interval.ms': '50',
      }),
    )
    await waitFor('the rows', async () => (await worker.records('sig.public.t')) === 5)
    await worker.rest('POST', '/connectors/source/restart?includeTasks=true')
    await postgres.query('insert into t values (6)')
    await waitFor('the row', async () => (await worker.records('sig.public.t')) === 6)
  } finally {
    await postgres.stop()
  }
})
