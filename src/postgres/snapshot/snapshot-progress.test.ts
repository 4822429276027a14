import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SnapshotProgress } from './snapshot-progress.ts'

test('ranges that touch become one, and the text says it all', () => {
  const progress = new SnapshotProgress(750n)
  assert.ok(progress.isEmpty)
  progress.rangeDone(2, 'ab', { from: 4096, to: 8192 })
  progress.rangeDone(2, 'ab', { from: 12_288, to: null })
  progress.rangeDone(2, 'ab', { from: 0, to: 4096 })
  progress.tableDone(1)
  assert.equal(progress.toString(), '750 1 2/ab:0-8192,12288-')
  const read = SnapshotProgress.parse(progress.toString())!
  assert.equal(read.toString(), progress.toString())
  assert.deepEqual([read.isDone(1), read.isDone(2), read.isEmpty], [true, false, false])
  assert.deepEqual(read.doneRanges(2, 'ab'), [
    { from: 0, to: 8192 },
    { from: 12_288, to: null },
  ])
  read.rangeDone(2, 'ab', { from: 8192, to: 12_288 })
  assert.deepEqual(read.doneRanges(2, 'ab'), [{ from: 0, to: null }])
  read.tableDone(2)
  assert.equal(read.toString(), '750 1 2')
})

test('what was read of a table that was written anew does not count', () => {
  const progress = SnapshotProgress.parse('750 2/ab:0-10')!
  assert.deepEqual(progress.doneRanges(2, 'cd'), [])
  progress.rangeDone(2, 'cd', { from: 0, to: 5 })
  assert.equal(progress.toString(), '750 2/cd:0-5')
  assert.equal(progress.withoutRanges().toString(), '750')
})

test('a text that is none is refused', () => {
  for (const text of ['', 'x', '1 a', '1 2/zz:0-1', '1 2/ab:', '1 2/ab:1'])
    assert.equal(SnapshotProgress.parse(text), null, text)
})
