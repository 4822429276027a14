import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '../../../../test/properties.ts'
import { ConnectError } from '../../../api/errors.ts'
import { cstring, int16, int32, int64, tupleData } from '../../testing/wire-bytes.ts'
import { Cursor } from '../cursor.ts'
import { Tuple } from '../tuple.ts'
import { readRelation } from './relation-message.ts'
import { readDelete, readInsert, readTruncate, readUpdate } from './row-messages.ts'
import { postgresTime, readBegin, readCommit } from './transaction-messages.ts'

function cursorOver(...parts: readonly Buffer[]): Cursor {
  const cursor = new Cursor()
  const bytes = Buffer.concat(parts)
  cursor.reset(bytes, 0, bytes.length)
  return cursor
}

function texts(tuple: Tuple): (string | null | undefined)[] {
  return Array.from({ length: tuple.columns }, (_, i) =>
    tuple.isUnchangedToast(i) ? undefined : tuple.text(i),
  )
}

test('Begin and Commit tell times since 1970', () => {
  const time = int64(789_012_345_678_901n)
  assert.deepEqual(readBegin(cursorOver(int64(0x16b3748n), time, int32(731))), {
    finalLsn: 0x16b3748n,
    commitTimeUs: 946_684_800_000_000n + 789_012_345_678_901n,
    xid: 731,
  })
  assert.deepEqual(readCommit(cursorOver(Buffer.from([0]), int64(1n), int64(2n), time)), {
    commitLsn: 1n,
    endLsn: 2n,
    commitTimeUs: 946_684_800_000_000n + 789_012_345_678_901n,
  })
  assert.equal(postgresTime(946_684_800_000), 0n)
})

test('a transaction id with its highest bit set is not negative', () => {
  assert.equal(readBegin(cursorOver(int64(0n), int64(0n), Buffer.from('fffffff0', 'hex'))).xid, 0xffff_fff0)
})

test('Relation tells columns, types and the replica identity', () => {
  const bytes = Buffer.from(
    '0000400870756200740064000201696400000000 17ffffffff 006e616d650000000413 00000036'.replaceAll(' ', ''),
    'hex',
  )
  assert.deepEqual(readRelation(cursorOver(bytes)), {
    oid: 16_392,
    schema: 'pub',
    table: 't',
    replicaIdentity: 'd',
    columns: [
      { isIdentity: true, name: 'id', typeOid: 23, typeModifier: -1 },
      { isIdentity: false, name: 'name', typeOid: 1043, typeModifier: 54 },
    ],
  })
})

test('an empty schema name is pg_catalog', () => {
  const relation = readRelation(cursorOver(int32(1), cstring(''), cstring('t'), Buffer.from('f'), int16(0)))
  assert.deepEqual([relation.schema, relation.replicaIdentity], ['pg_catalog', 'f'])
})

test('an insert fills the tuple where the bytes lie', () => {
  const after = new Tuple(3)
  readInsert(cursorOver(Buffer.from('N'), tupleData(['1', null, 'é'])), after)
  assert.deepEqual(texts(after), ['1', null, 'é'])
})

test('a short row says whether all that it has stands for itself in JSON', () => {
  const isPlain = (...values: (string | null)[]) => {
    const cursor = cursorOver(Buffer.from('N'), tupleData(values))
    const after = new Tuple(values.length)
    readInsert(cursor, after)
    if (after.plain !== null) assert.equal(after.plain, cursor.view)
    return after.plain !== null
  }
  assert.equal(isPlain('1', null, 'Grüße', ''), true)
  assert.equal(isPlain('1', null, 'a "word"'), false)
  assert.equal(isPlain('a\\b', 'c'), false)
  assert.equal(isPlain('clef: 𝄞'), false)
  assert.equal(isPlain('a line\n'), false)
  assert.equal(isPlain('long'.repeat(500)), false)
})

test('a cursor reads from the bytes that it was pointed at last', () => {
  const cursor = new Cursor()
  for (const bytes of [Buffer.from([0, 0, 0, 7]), Buffer.from([9, 9, 0, 0, 0, 8]).subarray(2)]) {
    cursor.reset(bytes, 0, 4)
    assert.equal(cursor.uint32(), bytes[3])
  }
})

test('an update tells old keys, old rows and unchanged TOAST', () => {
  const before = new Tuple(2)
  const after = new Tuple(2)
  const row = [Buffer.from('N'), tupleData(['2', undefined])]
  assert.equal(readUpdate(cursorOver(...row), before, after), 'none')
  assert.deepEqual(texts(after), ['2', undefined])
  assert.equal(readUpdate(cursorOver(Buffer.from('K'), tupleData(['1', null]), ...row), before, after), 'key')
  assert.deepEqual(texts(before), ['1', null])
  assert.equal(readUpdate(cursorOver(Buffer.from('O'), tupleData(['1', 'x']), ...row), before, after), 'full')
  assert.deepEqual(texts(before), ['1', 'x'])
})

test('a delete tells the old key or the old row', () => {
  const before = new Tuple(1)
  assert.equal(readDelete(cursorOver(Buffer.from('K'), tupleData(['7'])), before), 'key')
  assert.equal(readDelete(cursorOver(Buffer.from('O'), tupleData(['8'])), before), 'full')
  assert.deepEqual(texts(before), ['8'])
})

test('a truncate names its tables', () => {
  assert.deepEqual(
    readTruncate(cursorOver(int32(2), Buffer.from([1]), int32(16_392), int32(16_393))),
    [16_392, 16_393],
  )
})

test('random bytes are refused with one error, by every message', () => {
  const readers: readonly ((cursor: Cursor) => unknown)[] = [
    readBegin,
    readCommit,
    readRelation,
    readTruncate,
    (cursor) => readInsert(cursor, new Tuple(2)),
    (cursor) => readUpdate(cursor, new Tuple(2), new Tuple(2)),
    (cursor) => readDelete(cursor, new Tuple(2)),
  ]
  const starts = fc.constantFrom('', 'N\0\x02t', 'K\0\x02t', 'O\0\x02nn', 'N\0\x02')
  fc.assert(
    fc.property(
      starts,
      fc.uint8Array({ maxLength: 100 }),
      fc.nat({ max: readers.length - 1 }),
      (start, bytes, which) => {
        try {
          readers[which]!(cursorOver(Buffer.from(start, 'latin1'), Buffer.from(bytes)))
        } catch (error) {
          assert.ok(error instanceof ConnectError && error.code === 'postgres.protocol', String(error))
        }
      },
    ),
    { numRuns: 2000 },
  )
})
