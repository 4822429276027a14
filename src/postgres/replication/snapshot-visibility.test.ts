import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SnapshotVisibility } from './snapshot-visibility.ts'

const EPOCH = 2n ** 32n

const cases: readonly [snapshot: string, xid: number, sees: boolean][] = [
  ['100:100:', 99, true],
  ['100:100:', 100, false],
  ['100:105:100,103', 100, false],
  ['100:105:100,103', 101, true],
  ['100:105:100,103', 103, false],
  ['100:105:100,103', 104, true],
  ['100:105:100,103', 105, false],
  // Around the turn of the 32 bits that WAL knows.
  [`${EPOCH - 5n}:${EPOCH + 5n}:${EPOCH + 2n}`, 0xffff_fff0, true],
  [`${EPOCH - 5n}:${EPOCH + 5n}:${EPOCH + 2n}`, 1, true],
  [`${EPOCH - 5n}:${EPOCH + 5n}:${EPOCH + 2n}`, 2, false],
  [`${EPOCH - 5n}:${EPOCH + 5n}:${EPOCH + 2n}`, 5, false],
  [`${7n * EPOCH + 3n}:${7n * EPOCH + 3n}:`, 0xffff_ffff, true],
  [`${EPOCH - 5n}:${EPOCH - 5n}:`, 3, false],
]

test('a snapshot sees what had ended when it was taken', () => {
  for (const [snapshot, xid, sees] of cases) {
    assert.equal(new SnapshotVisibility(snapshot, 0n).sees(xid), sees, `${xid} in ${snapshot}`)
  }
})

test('it survives in an offset', () => {
  const text = new SnapshotVisibility('100:105:100,103', 0x16_0000_0001n).toString()
  assert.equal(text, '100:105:100,103@16/1')
  const again = SnapshotVisibility.parse(text)
  assert.equal(again.endLsn, 0x16_0000_0001n)
  assert.equal(again.sees(103), false)
  assert.equal(again.toString(), text)
})

test('something else is refused', () => {
  for (const text of ['', '1:2', '1:2:3,', '1:2:@', 'a:b:c@0/1', '1:2:3@x']) {
    assert.throws(() => SnapshotVisibility.parse(text), { code: 'postgres.protocol' }, text)
  }
})
