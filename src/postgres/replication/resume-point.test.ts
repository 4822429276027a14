import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ResumePoint } from './resume-point.ts'
import { SnapshotVisibility } from './snapshot-visibility.ts'
import type { StreamOffset } from './source-offset.ts'

function offset(more: Partial<StreamOffset>): StreamOffset {
  return {
    kind: 'stream',
    lsn: 0n,
    commitLsn: null,
    sequenceLsn: null,
    messageType: 'COMMIT',
    txId: null,
    timeUs: null,
    changesAtLsn: null,
    snapshotHolds: null,
    transactionCounts: new Map(),
    ...more,
  }
}

test('transactions that committed before the offset are done, whatever the LSNs of their changes', () => {
  const resume = new ResumePoint(offset({ lsn: 100n, commitLsn: 100n, txId: 7n }), null)
  assert.equal(resume.isTransactionNew(99n, 6), false)
  assert.equal(resume.isTransactionNew(100n, 8), true)
  // Written before the commit at 100, by a transaction that committed after it.
  assert.equal(resume.isChangeNew(40n), true)
})

test('of the transaction that was under way, the changes up to the offset are done', () => {
  const resume = new ResumePoint(offset({ lsn: 60n, commitLsn: 100n, txId: 7n, messageType: 'INSERT' }), null)
  assert.equal(resume.isPartPending, true)
  assert.equal(resume.isTransactionNew(150n, 7), true)
  assert.deepEqual(
    [50n, 60n, 120n].map((lsn) => resume.isChangeNew(lsn)),
    [false, false, true],
  )
  resume.commit()
  assert.equal(resume.isPartPending, false)
  // The same id comes again only after four billion transactions: then it is another one.
  assert.equal(resume.isTransactionNew(900n, 7), true)
  assert.equal(resume.isChangeNew(50n), true)
})

test('when the part does not come first, nothing is left out', () => {
  const resume = new ResumePoint(offset({ lsn: 60n, commitLsn: 100n, txId: 7n, messageType: 'INSERT' }), null)
  assert.equal(resume.isTransactionNew(150n, 8), true)
  assert.equal(resume.isChangeNew(50n), true)
  resume.commit()
  assert.equal(resume.isTransactionNew(160n, 7), true)
  assert.equal(resume.isChangeNew(50n), true)
})

test('an offset of Debezium can stop between changes of the same LSN', () => {
  const resume = new ResumePoint(
    offset({ lsn: 60n, txId: 7n, messageType: 'INSERT', changesAtLsn: 2n }),
    null,
  )
  assert.equal(resume.isTransactionNew(150n, 7), true)
  assert.deepEqual(
    [59n, 60n, 60n, 60n, 60n, 61n].map((lsn) => resume.isChangeNew(lsn)),
    [false, false, false, true, true, true],
  )
})

test('what a snapshot has seen is left out until the stream is past the snapshot', () => {
  const resume = new ResumePoint(null, new SnapshotVisibility('10:12:10', 500n))
  assert.equal(resume.isTransactionNew(400n, 9), false)
  assert.equal(resume.isTransactionNew(410n, 10), true)
  resume.commit()
  assert.equal(resume.isTransactionNew(420n, 11), false)
  assert.equal(resume.isTransactionNew(430n, 12), true)
  resume.commit()
  assert.notEqual(resume.visibility, null)
  resume.passed(500n)
  assert.equal(resume.visibility, null)
  assert.equal(resume.isTransactionNew(510n, 9), true)
})
