import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkHistory } from './check-history.ts'
import { stampOf } from './checkers/nothing-invented.ts'
import { History, type HistoryLine, type ShownRecord } from './history.ts'

const at = '2026-01-01T00:00:00.000Z'

function change(
  seq: number,
  op: 'c' | 'u' | 'd' | 't' | 'ddl',
  key: number | null,
  version: number | null,
): HistoryLine {
  return { kind: 'change', seq, xid: 100 + seq, table: 't0', key, op, version }
}

function record(
  offset: number,
  of: { op: string; key: number | null; version: number | null; seq: number },
): ShownRecord {
  const { op, key, version, seq } = of
  const stamp = key === null || version === null ? null : stampOf(key, version)
  return { kind: 'record', table: 't0', offset, op, key, version, stamp, xid: 100 + seq }
}

function row(key: number, version: number, more: object = {}): HistoryLine {
  return {
    kind: 'row',
    table: 't0',
    key,
    columns: { id: key, version, stamp: stampOf(key, version), name: 'n', note: null, ...more },
  }
}

function document(key: number, version: number, more: object = {}): HistoryLine {
  const fields = { id: key, version, stamp: stampOf(key, version), name: 'n', note: null, ...more }
  return { kind: 'document', table: 't0', id: String(key), fields }
}

/** Row 1 is read by the snapshot and updated twice, row 2 comes and goes, row 3 comes after a truncate of all before. */
const RIGHT: readonly HistoryLine[] = [
  change(1, 'c', 1, 1),
  change(2, 'c', 9, 2),
  change(3, 'd', 9, null),
  change(4, 'u', 1, 3),
  change(5, 'u', 1, 4),
  change(6, 'c', 2, 5),
  change(7, 'd', 2, null),
  change(8, 'c', 3, 6),
  { kind: 'commit', xid: 104, afterLsn: 900, lsn: 1000 },
  { kind: 'commit', xid: 108, afterLsn: 1900, lsn: 2000 },
  record(0, { op: 'r', key: 1, version: 1, seq: 1 }),
  record(1, { op: 'u', key: 1, version: 3, seq: 4 }),
  record(2, { op: 'u', key: 1, version: 4, seq: 5 }),
  record(3, { op: 'c', key: 2, version: 5, seq: 6 }),
  record(4, { op: 'd', key: 2, version: null, seq: 7 }),
  record(6, { op: 'c', key: 3, version: 6, seq: 8 }),
  row(1, 4),
  row(3, 6),
  document(1, 4),
  document(3, 6),
  { kind: 'slot', at, confirmedLsn: 1500, ends: { t0: 2 } },
  { kind: 'committed', at, table: 't0', committed: 2, offset: 1, key: 1, version: 3, found: 3 },
  { kind: 'look', at, table: 't0', key: 1, version: 1 },
  { kind: 'look', at, table: 't0', key: 1, version: 3 },
]

const isRecord =
  (offset: number) =>
  (line: HistoryLine): boolean =>
    line.kind === 'record' && line.offset === offset
const isRow =
  (key: number, kind: 'row' | 'document') =>
  (line: HistoryLine): boolean =>
    line.kind === kind &&
    (line.kind === 'row' ? line.key === key : line.kind === 'document' && line.id === String(key))

function without(isLine: (line: HistoryLine) => boolean): HistoryLine[] {
  return RIGHT.filter((line) => !isLine(line))
}

describe('what is judged of a run', () => {
  it('nothing, where nothing was lost, wrong or twice', () => {
    assert.deepEqual(checkHistory(new History(RIGHT)), [])
  })

  const planted: readonly {
    readonly violation: string
    readonly lines: readonly HistoryLine[]
    readonly checker: string
    readonly where: string
    readonly what: RegExp
  }[] = [
    {
      violation: 'an update that is in no topic',
      lines: without(isRecord(1)),
      checker: 'no committed change is missing',
      where: 'table t0, key 1',
      what: /u \(version 3, xid 104, noted as 4\) is not in the topic/,
    },
    {
      violation: 'a delete that is in no topic',
      lines: without(isRecord(4)),
      checker: 'no committed change is missing',
      where: 'table t0, key 2',
      what: /d \(delete by transaction 107, xid 107, noted as 7\)/,
    },
    {
      violation: 'a row of which the topic says nothing at all',
      lines: without((line) => isRecord(3)(line) || isRecord(4)(line)),
      checker: 'no committed change is missing',
      where: 'table t0, key 2',
      what: /c \(version 5, xid 106/,
    },
    {
      violation: 'a truncate that is in no topic',
      lines: [
        ...without((line) => line.kind === 'row' || line.kind === 'document'),
        change(9, 't', null, null),
        change(10, 'c', 1, 7),
        record(7, { op: 'c', key: 1, version: 7, seq: 10 }),
        row(1, 7),
        document(1, 7),
      ],
      checker: 'no committed change is missing',
      where: 'table t0',
      what: /t \(truncate by transaction 109/,
    },
    {
      violation: 'an update twice',
      lines: [...RIGHT, record(7, { op: 'u', key: 1, version: 4, seq: 5 })],
      checker: 'each change exactly once',
      where: 'table t0, key 1',
      what: /version 4 is at offset 2 and 7/,
    },
    {
      violation: 'a delete twice',
      lines: [...RIGHT, record(7, { op: 'd', key: 2, version: null, seq: 7 })],
      checker: 'each change exactly once',
      where: 'table t0, key 2',
      what: /delete by transaction 107, number 2 is at offset 7/,
    },
    {
      violation: 'two changes in the wrong order',
      lines: [...without((line) => isRecord(1)(line) || isRecord(2)(line)), record(1, { op: 'u', key: 1, version: 4, seq: 5 }), record(2, { op: 'u', key: 1, version: 3, seq: 4 })], // prettier-ignore
      checker: 'versions of a key only go forward',
      where: 'table t0, key 1',
      what: /version 3 is at offset 2, behind a later change/,
    },
    {
      violation: 'a document that was newer before',
      lines: [...RIGHT, { kind: 'look', at, table: 't0', key: 1, version: 1 }],
      checker: 'versions of a key only go forward',
      where: 'table t0, key 1',
      what: /had version 3 at .* and 1 at/,
    },
    {
      violation: 'a record of what was rolled back',
      lines: [...RIGHT, record(7, { op: 'u', key: 3, version: 99, seq: 50 })],
      checker: 'nothing is shown that was not committed',
      where: 'table t0, key 3',
      what: /u \(version 99, xid 150\) at offset 7/,
    },
    {
      violation: 'a record with columns of two changes',
      lines: [
        ...without(isRecord(6)),
        { ...record(6, { op: 'c', key: 3, version: 6, seq: 8 }), stamp: stampOf(3, 5) },
      ],
      checker: 'nothing is shown that was not committed',
      where: 'table t0, key 3',
      what: /offset 6 has columns of another change than version 6/,
    },
    {
      violation: 'a row without a document',
      lines: without(isRow(3, 'document')),
      checker: 'the index is as its table',
      where: 'table t0, key 3',
      what: /has no document/,
    },
    {
      violation: 'a document of an older state',
      lines: [...without(isRow(1, 'document')), document(1, 3)],
      checker: 'the index is as its table',
      where: 'table t0, key 1',
      what: /has version 4 in the table and 3 in the index/,
    },
    {
      violation: 'a document without a row',
      lines: [...RIGHT, document(2, 5)],
      checker: 'the index is as its table',
      where: 'table t0, key 2',
      what: /version 5, and no row/,
    },
    {
      violation: 'a slot that was moved past what is in the topic',
      lines: [...RIGHT, { kind: 'slot', at, confirmedLsn: 2500, ends: { t0: 5 } }],
      checker: 'offsets are never ahead of the data',
      where: 'table t0, key 3',
      what: /offset 6 \(xid 108, committed before 2000\) was not written when the slot stood at 2500/,
    },
    {
      violation: 'a committed offset above what is in the index',
      lines: [
        ...RIGHT,
        { kind: 'committed', at, table: 't0', committed: 3, offset: 2, key: 1, version: 4, found: 3 },
      ],
      checker: 'offsets are never ahead of the data',
      where: 'table t0, key 1',
      what: /offset 2 was below the committed 3, and the index had version 3 in place of version 4/,
    },
    {
      violation: 'a task that failed without being told to',
      lines: [...RIGHT, { kind: 'trouble', at, text: 'sink FAILED: x' }],
      checker: 'it goes on',
      where: at,
      what: /sink FAILED/,
    },
    {
      violation: 'an empty history',
      lines: [],
      checker: 'there is a history',
      where: 'change',
      what: /there are none/,
    },
  ]

  for (const { violation, lines, checker, where, what } of planted) {
    it(`finds ${violation}, and names key and place`, () => {
      const found = checkHistory(new History(lines))
      const one = found.find(
        (each) => each.checker === checker && each.where === where && what.test(each.what),
      )
      assert.ok(one !== undefined, `found only ${JSON.stringify(found)}`)
      const others = found.filter((each) => each.where !== where && lines.length > 0)
      assert.deepEqual(others, [])
    })
  }

  it('lets changes come again where that is told, though not in another order at first', () => {
    const repeated = [
      ...RIGHT,
      record(7, { op: 'u', key: 1, version: 4, seq: 5 }),
      record(8, { op: 'd', key: 2, version: null, seq: 7 }),
    ]
    assert.deepEqual(checkHistory(new History(repeated, { mayRepeat: true })), [])
  })

  it('lets changes of a gap be missing that has a name, and documents stay of rows that went in it', () => {
    const gap: HistoryLine = { kind: 'gap', reason: 'slot dropped', fromSeq: 6, toSeq: 7 }
    const lines = without((line) => isRecord(3)(line) || isRecord(4)(line))
    assert.deepEqual(checkHistory(new History([...lines, gap, document(2, 5)])), [])
  })

  it('takes the order of commits for that of the stream, where a transaction was open for long', () => {
    const commit = (xid: number, lsn: number): HistoryLine => ({
      kind: 'commit',
      xid,
      afterLsn: lsn - 10,
      lsn,
    })
    const of = (lines: readonly HistoryLine[]) => lines.map((line) => ({ ...line, table: 't1' }))
    const read = of([change(19, 'c', 5, 7), record(0, { op: 'r', key: 5, version: 7, seq: 19 }), row(5, 7), document(5, 7)]) // prettier-ignore
    // Row 6 is noted first and committed behind the snapshot, before which row 7 came and went.
    const streamed = of([change(20, 'c', 6, 8), record(1, { op: 'c', key: 6, version: 8, seq: 20 }), row(6, 8), document(6, 8)]) // prettier-ignore
    const gone = of([change(21, 'c', 7, 9), change(22, 'd', 7, null)])
    const lines = [...RIGHT, ...read, ...streamed, ...gone, commit(121, 1600), commit(122, 1700)]
    assert.deepEqual(checkHistory(new History([...lines, commit(120, 1800)])), [])
    // At about the same time: nobody knows who was first.
    assert.deepEqual(checkHistory(new History([...lines, commit(120, 1695)])), [])
    const unacknowledged: HistoryLine = { kind: 'commit', xid: 120, afterLsn: 1500, lsn: null }
    assert.deepEqual(checkHistory(new History([...lines, unacknowledged])), [])
    const found = checkHistory(new History([...lines, commit(120, 1650)]))
    assert.deepEqual(
      found.map(({ what }) => what),
      [
        'c (version 9, xid 121, noted as 21) is not in the topic',
        'd (delete by transaction 122, xid 122, noted as 22) is not in the topic',
      ],
    )
  })

  it('knows that a table that was made meanwhile is streamed before it is read', () => {
    const changes = [change(20, 'c', 6, 8), change(21, 'u', 6, 9), change(22, 'd', 6, null)]
    const streamed = [
      record(8, { op: 'u', key: 6, version: 9, seq: 21 }),
      record(9, { op: 'd', key: 6, version: null, seq: 22 }),
    ]
    const meanwhile = [...changes, ...streamed].map((line) => ({ ...line, table: 't1' }))
    assert.deepEqual(checkHistory(new History([...RIGHT, ...meanwhile])), [])
    // Here the table was read before: the row was to be told from its beginning.
    const found = checkHistory(new History([...RIGHT, ...changes, ...streamed]))
    assert.deepEqual(
      found.map(({ what }) => what),
      ['c (version 8, xid 120, noted as 20) is not in the topic'],
    )
  })

  it('knows that rows are read late where the snapshot was interrupted, or goes on beside the stream', () => {
    const on = (lines: readonly HistoryLine[]) =>
      lines.map((line) => ({ ...line, table: 't1' }) as HistoryLine)
    const gone = on([
      change(20, 'c', 6, 7),
      change(21, 'c', 7, 8),
      change(23, 'd', 6, null),
      record(0, { op: 'r', key: 7, version: 8, seq: 21 }),
      record(1, { op: 'd', key: 6, version: null, seq: 23 }),
      row(7, 8),
      document(7, 8),
    ])
    const missing = 'c (version 7, xid 120, noted as 20) is not in the topic'
    const judged = (lines: readonly HistoryLine[]) => checkHistory(new History([...RIGHT, ...lines])).map(({ what }) => what) // prettier-ignore
    assert.deepEqual(judged(gone), [missing])
    assert.deepEqual(judged([...gone, { kind: 'resumed', at }]), [])
    const incremental = gone.map((line) => (line.kind === 'record' && line.op === 'r' ? { ...line, isIncremental: true } : line)) // prettier-ignore
    assert.deepEqual(judged(incremental), [])
    // A row that is there and of which nothing is told is missing all the same.
    const untold = on([change(19, 'c', 5, 6), row(5, 6), document(5, 6)])
    assert.equal(judged([...incremental, ...untold]).length, 1)
  })

  it('knows that DDL writes no row: only documents that are younger have the columns of now', () => {
    const altered = [
      change(9, 'ddl', null, 5),
      ...without((line) => line.kind === 'row' || line.kind === 'document'),
    ]
    const rows = [row(1, 4, { c1: 7 }), row(3, 6, { c1: 7 })]
    assert.deepEqual(
      checkHistory(new History([...altered, ...rows, document(1, 4), document(3, 6, { c1: 7 })])),
      [],
    )
    const found = checkHistory(new History([...altered, ...rows, document(1, 4), document(3, 6)]))
    assert.deepEqual(
      found.map(({ where }) => where),
      ['table t0, key 3'],
    )
  })
})
