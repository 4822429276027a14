import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { inspect } from 'node:util'
import type { EngineServer } from '../../../test/servers/engine-server.ts'
import { enginesUnderTest, startEngine } from '../../../test/servers/engines.ts'
import type { SinkBatch } from '../../api/sink-task.ts'
import { primitiveSchema } from '../../api/schema.ts'
import { documentsOf } from '../testing/engine-documents.ts'
import { jsonBatch, recordsBatch, sinkRecord, toConnect } from '../testing/sink-batches.ts'
import { SinkRun } from '../testing/sink-run.ts'

const MIRROR = { mode: 'mirror', 'key.ignore': 'false', 'schema.ignore': 'false' }

interface Row {
  readonly op: 'c' | 'r' | 'u' | 'd' | 't' | 'm'
  readonly key?: object | null
  readonly after?: object | null
  readonly lsn: number
  /** The last commit before; null: the first transaction. Left out: there is no sequence. */
  readonly lastCommit?: number | null
}

function envelope({ op, after = null, lsn, lastCommit }: Row): string {
  const commit = typeof lastCommit === 'number' ? String(lastCommit) : null
  const sequence = lastCommit === undefined ? {} : { sequence: JSON.stringify([commit, String(lsn)]) }
  return JSON.stringify({
    before: null,
    after,
    source: { connector: 'postgresql', ...sequence, lsn },
    op,
    ts_ms: 1,
  })
}

/** Changes as the JSON batches of the log. */
function changes(topic: string, rows: readonly Row[], baseOffset = 0n): SinkBatch {
  const records = rows.map((row) => ({ key: JSON.stringify(row.key ?? null), value: envelope(row) }))
  const batch = jsonBatch(topic, records, { baseOffset })
  return {
    ...batch,
    key: () => ({ schema: null, value: toConnect(JSON.parse(batch.reader.key!.toString())) }),
  }
}

for (const name of enginesUnderTest('elasticsearch-8.7.1')) {
  describe(`mode=mirror and ${name}`, () => {
    let es: EngineServer
    before(async () => {
      es = await startEngine(name)
    })
    after(() => es.stop())
    const documents = (index: string) => documentsOf(es, index)

    test('rows become documents, deletes take them away, changed keys move them, tombstones do nothing', async () => {
      await using run = await SinkRun.start(es.url, MIRROR)
      await run.put(
        changes('rows', [
          { op: 'r', key: { id: 1 }, after: { id: 1, name: 'one' }, lsn: 10 },
          { op: 'c', key: { id: 2, part: 'a|b' }, after: { id: 2, name: 'two' }, lsn: 11 },
          { op: 'u', key: { id: 1 }, after: { id: 1, name: 'uno' }, lsn: 12 },
          { op: 'c', key: { id: 3 }, after: { id: 3 }, lsn: 13 },
          { op: 'd', key: { id: 3 }, lsn: 14 },
          { op: 'm', lsn: 15 },
          { op: 'd', key: { id: 2, part: 'a|b' }, lsn: 16 },
          { op: 'c', key: { id: 2, part: 'c' }, after: { id: 2, name: 'two' }, lsn: 16 },
        ]),
      )
      await run.put(jsonBatch('rows', [{ key: '{"id":3}', value: null }], { baseOffset: 8n }))
      await run.stored('rows', 9n)
      assert.deepEqual(await documents('rows'), {
        1: [12, { id: 1, name: 'uno' }],
        '2|c': [16, { id: 2, name: 'two' }],
      })
    })

    test('changes that are read again, or come late, never replace newer ones', async () => {
      await using run = await SinkRun.start(es.url, MIRROR)
      const all: readonly Row[] = [
        { op: 'c', key: { id: 1 }, after: { id: 1, v: 1 }, lsn: 100 },
        { op: 'u', key: { id: 1 }, after: { id: 1, v: 2 }, lsn: 200 },
        { op: 'c', key: { id: 2 }, after: { id: 2 }, lsn: 300 },
        { op: 'd', key: { id: 2 }, lsn: 400 },
      ]
      await run.put(changes('again', all))
      await run.put(changes('again', all, 4n))
      await run.put(changes('again', [all[0]!, all[2]!], 8n))
      await run.stored('again', 10n)
      assert.deepEqual(await documents('again'), { 1: [200, { id: 1, v: 2 }] })
    })

    test('a truncate empties the index, of what was before it', async () => {
      await using run = await SinkRun.start(es.url, MIRROR)
      const rows = Array.from({ length: 4500 }, (_, i): Row => ({ op: 'c', key: { id: i }, after: { id: i }, lsn: 10 + i })) // prettier-ignore
      await run.put(changes('emptied', rows))
      await run.put(
        changes(
          'emptied',
          [
            { op: 't', lsn: 10_000 },
            { op: 'c', key: { id: 7 }, after: { id: 7, again: true }, lsn: 10_001 },
            // Of another partition, which is behind.
            { op: 'c', key: { id: 8 }, after: { id: 8 }, lsn: 9_000 },
          ],
          4500n,
        ),
      )
      await run.stored('emptied', 4503n)
      assert.deepEqual(await documents('emptied'), { 7: [10_001, { id: 7, again: true }] })
    })

    test('a truncate waits while the index takes no deletions', async () => {
      await using run = await SinkRun.start(es.url, MIRROR)
      await run.put(changes('blocked', [{ op: 'c', key: { id: 1 }, after: { id: 1 }, lsn: 1 }]))
      await run.stored('blocked', 1n)
      await es.rest.json('PUT', '/blocked/_settings', { 'index.blocks.write': true })
      const emptied = run.put(changes('blocked', [{ op: 't', lsn: 2 }], 1n))
      await run.context.until(() =>
        run.context.logged.some(({ fields }) => inspect(fields).includes('cluster_block_exception')),
      )
      assert.deepEqual(await documents('blocked'), { 1: [1, { id: 1 }] })
      await es.rest.json('PUT', '/blocked/_settings', { 'index.blocks.write': null })
      await emptied
      assert.deepEqual(await documents('blocked'), {})
    })

    test('a transaction that wrote before the snapshot and committed after it wins, and so does the last of it', async () => {
      const rows: readonly Row[] = [
        { op: 'r', key: { id: 1 }, after: { id: 1, v: 'snapshot' }, lsn: 100, lastCommit: null },
        { op: 'r', key: { id: 2 }, after: { id: 2, v: 'snapshot' }, lsn: 100, lastCommit: null },
        { op: 'r', key: { id: 3 }, after: { id: 3, v: 'snapshot' }, lsn: 100, lastCommit: null },
        // The first transaction behind the snapshot, then one that began before it too.
        { op: 'u', key: { id: 1 }, after: { id: 1, v: 'first' }, lsn: 50, lastCommit: null },
        { op: 'u', key: { id: 1 }, after: { id: 1, v: 'first, again' }, lsn: 60, lastCommit: null },
        { op: 'd', key: { id: 3 }, lsn: 61, lastCommit: null },
        { op: 'u', key: { id: 2 }, after: { id: 2, v: 'second' }, lsn: 70, lastCommit: 120 },
        { op: 'u', key: { id: 2 }, after: { id: 2, v: 'second, again' }, lsn: 71, lastCommit: 120 },
      ]
      const expected = { 1: [100, { id: 1, v: 'first, again' }], 2: [120, { id: 2, v: 'second, again' }] }
      await using run = await SinkRun.start(es.url, MIRROR)
      await run.put(changes('late', rows))
      await run.stored('late', 8n)
      assert.deepEqual(await documents('late'), expected)
      // A task that starts again with the changes alone.
      await using again = await SinkRun.start(es.url, MIRROR)
      await again.put(changes('late', rows.slice(3), 3n))
      await again.stored('late', 8n)
      assert.deepEqual(await documents('late'), expected)
    })

    test('values that were not sent stay as they are in the document', async () => {
      await using run = await SinkRun.start(es.url, MIRROR)
      await run.put(
        changes('toast', [
          { op: 'c', key: { id: 1 }, after: { id: 1, body: 'long', n: 1 }, lsn: 1 },
          { op: 'u', key: { id: 1 }, after: { id: 1, body: 'longer', n: 1 }, lsn: 2 },
        ]),
      )
      const value = toConnect(
        JSON.parse(
          envelope({ op: 'u', after: { id: 1, body: '__debezium_unavailable_value', n: 2 }, lsn: 3 }),
        ),
      )
      const headers = [{ name: 'tailrace.unchanged', schema: primitiveSchema('string'), value: '["body"]' }]
      const key = toConnect({ id: 1 })
      const missing = toConnect({ id: 2 })
      await run.put(
        recordsBatch('toast', [
          sinkRecord('toast', 2n, { key, value, headers }),
          sinkRecord('toast', 3n, { key: missing, value, headers }),
        ]),
      )
      await run.stored('toast', 4n)
      assert.deepEqual(await documents('toast'), {
        1: [3, { id: 1, body: 'longer', n: 2 }],
        2: [3, { id: 1, n: 2 }],
      })
      assert.equal(run.context.logged.filter(({ level }) => level === 'warn').length, 1)
    })

    test('values that were not sent move with the row whose key changes, also when its changes are read twice', async () => {
      const header = (name: string, value: string) => ({ name, schema: primitiveSchema('string'), value })
      const record = (
        offset: bigint,
        key: number,
        value: object | null,
        headers: ReturnType<typeof header>[],
      ) =>
        sinkRecord('moving', offset, {
          key: toConnect({ id: key }),
          value:
            value === null ? null : toConnect(JSON.parse(envelope(value as Parameters<typeof envelope>[0]))),
          headers,
        })
      const unsent = { id: 2, body: '__debezium_unavailable_value', n: 2 }
      const moved = [
        record(1n, 1, { op: 'd', lsn: 2 }, [header('__debezium.newkey', '{"id":2}')]),
        record(2n, 1, null, [header('__debezium.newkey', '{"id":2}')]),
        record(3n, 2, { op: 'c', after: unsent, lsn: 2 }, [
          header('__debezium.oldkey', '{"id":1}'),
          header('tailrace.unchanged', '["body"]'),
        ]),
        // One that is sent whole: nothing of it has to wait.
        record(4n, 2, { op: 'd', lsn: 3 }, [header('__debezium.newkey', '{"id":3}')]),
        record(5n, 3, { op: 'c', after: { id: 3, body: 'new', n: 3 }, lsn: 3 }, []),
        record(6n, 3, { op: 'd', lsn: 4 }, [header('__debezium.newkey', '{"id":4}')]),
      ]
      await using run = await SinkRun.start(es.url, MIRROR)
      await run.put(
        changes('moving', [{ op: 'c', key: { id: 1 }, after: { id: 1, body: 'long', n: 1 }, lsn: 1 }]),
      )
      await run.put(recordsBatch('moving', moved.slice(0, 3)))
      await run.stored('moving', 4n)
      const expected = { 2: [2, { id: 2, body: 'long', n: 2 }] }
      assert.deepEqual(await documents('moving'), expected)
      await run.put(recordsBatch('moving', moved.slice(0, 3)))
      await run.stored('moving', 4n)
      assert.deepEqual(await documents('moving'), expected)
      assert.deepEqual(
        run.context.logged.filter(({ level }) => level === 'warn'),
        [],
      )
      await run.put(recordsBatch('moving', moved.slice(3, 5)))
      await run.stored('moving', 6n)
      assert.deepEqual(await documents('moving'), { 3: [3, { id: 3, body: 'new', n: 3 }] })
      // Where the row comes in another partition, its old document does not stay.
      await run.put(recordsBatch('moving', moved.slice(5)))
      await run.stored('moving', 7n)
      assert.deepEqual(await documents('moving'), {})
    })

    test('a value that is no envelope, and a row without a key, fail the task and say what to do', async () => {
      for (const [batch, message] of [
        [jsonBatch('plain', [{ key: '1', value: '{"id":1}' }]), /mode=mirror needs Debezium's envelopes/],
        [
          changes('keyless', [{ op: 'c', after: { id: 1 }, lsn: 1 }]),
          /Key is used as document id and can not be null/,
        ],
      ] as const) {
        await using run = await SinkRun.start(es.url, MIRROR)
        await assert.rejects(run.put(batch), message)
      }
    })
  })
}
