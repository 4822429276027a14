import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '../../../test/properties.ts'
import { OffsetTracker } from './offset-tracker.ts'

function committable(tracker: OffsetTracker, position: bigint): bigint {
  return tracker.committable([{ topic: 't', partition: 0, offset: position }])[0]!.offset
}

test('nothing under way: the position itself may be committed', () => {
  const tracker = new OffsetTracker()
  assert.equal(committable(tracker, 7n), 7n)
  tracker.progress('t', 0)
  assert.equal(committable(tracker, 7n), 7n)
})

test('a record under way holds the offset back, whatever came after it', () => {
  const tracker = new OffsetTracker()
  const progress = tracker.progress('t', 0)
  const [first, second] = [progress.add(3), progress.add(9)]
  progress.done(second)
  assert.equal(committable(tracker, 10n), 3n)
  progress.done(first)
  assert.equal(committable(tracker, 10n), 10n)
})

test('records that were handed over but not added yet hold the offset back too', () => {
  const tracker = new OffsetTracker()
  const progress = tracker.progress('t', 0)
  progress.expect(5)
  assert.equal(committable(tracker, 8n), 5n)
  const sequence = progress.add(4)
  assert.equal(committable(tracker, 8n), 4n)
  progress.expect(null)
  progress.done(sequence)
  assert.equal(committable(tracker, 8n), 8n)
})

test('partitions are told apart, and a revoked one starts anew', () => {
  const tracker = new OffsetTracker()
  const partition = { topic: 't', partition: 0 }
  const progress = tracker.progress('t', 0)
  progress.add(1)
  tracker.progress('t', 1)
  assert.deepEqual(tracker.committable([{ topic: 't', partition: 1, offset: 4n }])[0]!.offset, 4n)
  assert.equal(tracker.isPending([partition]), true)
  tracker.revoke([partition])
  assert.equal(progress.isRevoked, true)
  assert.equal(tracker.isPending([partition]), false)
  // For the last commit.
  assert.equal(committable(tracker, 4n), 1n)
  tracker.progress('t', 0)
  assert.equal(committable(tracker, 4n), 4n)
})

test('in any order of finishing, exactly the first record that is not done counts', () => {
  const step = fc.record({ isAdd: fc.boolean(), gap: fc.nat(3), pick: fc.nat() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const tracker = new OffsetTracker()
      const progress = tracker.progress('t', 0)
      const pending: { readonly offset: number; readonly sequence: number }[] = []
      let next = 0
      for (const { isAdd, gap, pick } of steps) {
        if (isAdd || pending.length === 0) {
          next += gap
          pending.push({ offset: next, sequence: progress.add(next) })
          next++
        } else {
          const [chosen] = pending.splice(pick % pending.length, 1)
          assert.equal(progress.offsetOf(chosen!.sequence), chosen!.offset)
          progress.done(chosen!.sequence)
          if (pick % 3 === 0) progress.done(chosen!.sequence)
        }
        const expected = pending.length === 0 ? next : Math.min(...pending.map(({ offset }) => offset))
        assert.equal(committable(tracker, BigInt(next)), BigInt(expected))
      }
    }),
    { numRuns: 300 },
  )
})
