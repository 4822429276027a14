import assert from 'node:assert/strict'
import { test } from 'node:test'
import { positionOfNothing } from '../envelope/change-position.ts'
import { ResumePoint } from './resume-point.ts'
import { SnapshotVisibility } from './snapshot-visibility.ts'
import { doneUpTo, type SnapshotOffset } from './source-offset.ts'
import { StreamPosition } from './stream-position.ts'

const snapshot: SnapshotOffset = {
  kind: 'snapshot',
  isCompleted: true,
  lsn: 900n,
  txId: 20n,
  timeUs: 0n,
  snapshotHolds: '10:20:12@0/384',
  progress: null,
}

function begin(start: SnapshotOffset, from: bigint): StreamPosition {
  const visibility = start.snapshotHolds === null ? null : SnapshotVisibility.parse(start.snapshotHolds)
  const change = positionOfNothing()
  return new StreamPosition(start, from, { change, resume: new ResumePoint(null, visibility), order: null })
}

test('a heartbeat before the first commit does not pass over what a snapshot beside an older slot has not seen', () => {
  const position = begin(snapshot, 100n)
  assert.equal(doneUpTo(position.deliver()), 100n)
  assert.equal(position.doneUpTo, 100n)
  assert.equal(position.deliver().snapshotHolds, snapshot.snapshotHolds)
})

test('what such a snapshot has seen is progress as well', () => {
  const position = begin(snapshot, 100n)
  position.begin({ xid: 11, finalLsn: 200n, commitTimeUs: 0n })
  position.commit({ commitLsn: 200n, endLsn: 210n, commitTimeUs: 0n }, false)
  assert.ok(position.isAheadOfDelivered)
  assert.equal(position.doneUpTo, 210n)
})

test('a slot that was created with its snapshot goes on at the LSN of both', () => {
  const position = begin({ ...snapshot, snapshotHolds: null }, 900n)
  assert.equal(doneUpTo(position.deliver()), 900n)
  assert.ok(!position.isAheadOfDelivered)
})
