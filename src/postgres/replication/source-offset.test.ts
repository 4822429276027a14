import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '../../api/record.ts'
import { acknowledgeable } from './stream-position.ts'
import { readSourceOffset, writeSourceOffset, type SourceOffset } from './source-offset.ts'

const streamed: SourceOffset = {
  kind: 'stream',
  lsn: 120n,
  commitLsn: 100n,
  sequenceLsn: null,
  messageType: 'INSERT',
  txId: 7n,
  timeUs: 1_700_000_000_000_000n,
  changesAtLsn: null,
  snapshotHolds: null,
  transactionCounts: new Map(),
}

test('offsets have the form of Debezium and can be read again', () => {
  const cases: readonly [SourceOffset, JsonObject][] = [
    [
      streamed,
      {
        lsn_proc: 120n,
        messageType: 'INSERT',
        lsn_commit: 100n,
        lsn: 120n,
        txId: 7n,
        ts_usec: 1_700_000_000_000_000n,
      },
    ],
    [
      { ...streamed, sequenceLsn: 90n },
      {
        lsn_proc: 120n,
        messageType: 'INSERT',
        lsn_commit: 100n,
        lsn: 120n,
        txId: 7n,
        ts_usec: 1_700_000_000_000_000n,
        tailrace_sequence: 90n,
      },
    ],
    [
      {
        kind: 'snapshot',
        isCompleted: false,
        lsn: 5n,
        txId: 6n,
        timeUs: 7n,
        snapshotHolds: '1:1:@0/1',
        progress: '7 16384',
      },
      {
        ts_usec: 7n,
        txId: 6n,
        lsn: 5n,
        snapshot: 'INITIAL',
        last_snapshot_record: false,
        snapshot_completed: false,
        tailrace_snapshot: '1:1:@0/1',
        tailrace_snapshot_progress: '7 16384',
      },
    ],
  ]
  for (const [offset, json] of cases) {
    assert.deepEqual(writeSourceOffset(offset), json)
    assert.deepEqual(readSourceOffset(json), offset)
  }
})

test('offsets of older connectors are understood', () => {
  assert.deepEqual(
    readSourceOffset({ snapshot: true, lsn: 5, txId: 6, ts_usec: 7, last_snapshot_record: true }),
    {
      kind: 'snapshot',
      isCompleted: true,
      lsn: 5n,
      txId: 6n,
      timeUs: 7n,
      snapshotHolds: null,
      progress: null,
    },
  )
  const plain = readSourceOffset({ lsn: 9n })
  assert.equal(plain.lsn, 9n)
  assert.equal(acknowledgeable(plain), 9n)
})

test('counts of a transaction under way are kept, in the form of the reference', () => {
  const offset = { ...streamed, transactionCounts: new Map([['public.t', 3]]) }
  const json = writeSourceOffset(offset)
  assert.equal(json['transaction_data_collection_order_public.t'], 3n)
  assert.deepEqual(readSourceOffset(json), offset)
})

test('what may be acknowledged is the last whole transaction, or all up to an idle position', () => {
  assert.equal(acknowledgeable(streamed), 100n)
  assert.equal(acknowledgeable({ ...streamed, commitLsn: null }), 0n)
  assert.equal(acknowledgeable({ ...streamed, messageType: 'COMMIT', lsn: 150n }), 150n)
})

test('something else is refused', () => {
  for (const json of [{}, { lsn: 'x' }, { lsn: 1.5 }, { lsn: 1n, lsn_commit: true }] as JsonObject[]) {
    assert.throws(() => readSourceOffset(json), { code: 'postgres.offset-invalid' })
  }
})
