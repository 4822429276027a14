import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readProgress, writeProgress } from './incremental-progress.ts'

const KEY =
  'aced0005757200135b4c6a6176612e6c616e672e4f626a6563743b90ce589f1073296c020000787000000001737200116a6176612e6c616e672e496e746567657212e2a0a4f781873802000149000576616c7565787200106a6176612e6c616e672e4e756d62657286ac951d0b94e08b0200007870000000'
const COLLECTIONS =
  '[{"incremental_snapshot_collections_id":"public.t","incremental_snapshot_collections_additional_condition":"(id>0)","incremental_snapshot_collections_surrogate_key":null,"incremental_snapshot_collections_correlation_id":"s1"},{"incremental_snapshot_collections_id":"public.b","incremental_snapshot_collections_additional_condition":null,"incremental_snapshot_collections_surrogate_key":null,"incremental_snapshot_collections_correlation_id":"s1"}]'

/** What Debezium 3.7.0.Final stored in the middle of a snapshot. */
const OFFSET = {
  incremental_snapshot_primary_key: `${KEY}92`,
  incremental_snapshot_maximum_key: `${KEY.slice(0, -2)}0fa0`,
  incremental_snapshot_collections: COLLECTIONS,
  incremental_snapshot_correlation_id: 's1',
  incremental_snapshot_total_rows: '4000',
}

const collections = [
  { id: 'public.t', condition: '(id>0)', surrogateKey: null, correlationId: 's1' },
  { id: 'public.b', condition: null, surrogateKey: null, correlationId: 's1' },
]

test('an offset of the reference is understood, and written in the same way', () => {
  assert.deepEqual(readProgress({ lsn: 1n, ...OFFSET }), {
    collections,
    lastKey: ['146'],
    maximumKey: ['4000'],
    correlationId: 's1',
    hasUnknownKeys: false,
  })
  const key = (text: string) => [{ typeName: 'int4', text }]
  const progress = {
    collections,
    lastKey: key('146'),
    maximumKey: key('4000'),
    correlationId: 's1',
    totalRows: 4000,
  }
  assert.deepEqual(writeProgress(progress), OFFSET)
})

test('without a snapshot under way offsets have none of it', () => {
  assert.equal(readProgress({ lsn: 1n }), null)
  const none = { collections: [], lastKey: null, maximumKey: null, correlationId: null, totalRows: null }
  assert.deepEqual(writeProgress(none), {})
})

test('keys of unknown classes are told from none', () => {
  const stored = readProgress({ ...OFFSET, incremental_snapshot_primary_key: 'aced000573' })!
  assert.equal(stored.hasUnknownKeys, true)
  assert.equal(stored.lastKey, null)
})
