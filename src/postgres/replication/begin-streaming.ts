import { openConnection, nowUs, type SourceSession } from '../source-session.ts'
import { planChunk, readBacklog } from './backlog.ts'
import { CatchUp } from './catch-up.ts'
import type { ControlConnection } from './control-connection.ts'
import { openStream } from './open-stream.ts'
import { ResumePoint } from './resume-point.ts'
import { positionLost } from '../wire/failure.ts'
import { createSlot, readSlot, readWalLsn } from './slot.ts'
import { positionProblem } from './start-plan.ts'
import { SnapshotVisibility } from './snapshot-visibility.ts'
import { doneUpTo, type SourceOffset } from './source-offset.ts'
import { type NextStream, StreamReader } from './stream-reader.ts'

/** Starts to stream after an offset: a stored one, or the one that the snapshot ended with. */
export async function beginStreaming(
  session: SourceSession,
  control: ControlConnection,
  { offset, isCatchUpRefused, isCaughtUp, signals }: NextStream,
): Promise<StreamReader> {
  const { options, context } = session
  const visibility = offset.snapshotHolds === null ? null : SnapshotVisibility.parse(offset.snapshotHolds)
  const resume = new ResumePoint(offset.kind === 'stream' ? offset : null, visibility)
  const slot = await readSlot(await control.get(), options)
  const confirmed = slot?.confirmedFlushLsn ?? 0n
  // Behind a snapshot that is younger than the slot, the stream begins where the slot is: before the snapshot's LSN there
  // can be commits that the snapshot has not seen.
  const done = offset.kind === 'stream' ? doneUpTo(offset) : visibility === null ? offset.lsn : 0n
  const lsn = done > confirmed ? done : confirmed
  const reader = new StreamReader(session, control, { offset, resume, lsn, isCatchUpRefused, signals })
  if (!isCatchUpRefused && !isCaughtUp && (await isFarBehind(session, control, lsn))) {
    const catchUp = new CatchUp(session, control, { from: lsn, listener: reader })
    reader.start(catchUp, lsn)
    context.log.info({ slot: options.slotName, lsn }, 'catching up by SQL')
    void catchUp.run()
    return reader
  }
  const stream = await openStream(session, control, { lsn, listener: reader })
  try {
    await refuseGap(session, control, offset)
  } catch (error) {
    stream.close()
    throw error
  }
  reader.start(stream, lsn)
  context.log.info({ slot: options.slotName, lsn }, 'streaming started')
  return reader
}

async function isFarBehind(
  { options }: SourceSession,
  control: ControlConnection,
  lsn: bigint,
): Promise<boolean> {
  // Where nobody else may move the slot, the server would decode the same again for each chunk.
  if (options.catchUpBytes === 0n || !options.isAcknowledging) return false
  const backlog = await readBacklog(await control.get(), options)
  return backlog !== null && planChunk(backlog, lsn, options.catchUpBytes) !== null
}

/**
 * The position was found good when the task started; but until the slot was ours, somebody else could stream from it, or
 * drop it and create another.
 */
async function refuseGap(
  session: SourceSession,
  control: ControlConnection,
  offset: SourceOffset,
): Promise<void> {
  const { options } = session
  const connection = await control.get()
  const slot = await readSlot(connection, options)
  const server = { slot, walLsn: await readWalLsn(connection), forkLsn: null }
  const problem = positionProblem(offset, server, options.slotName)
  if (problem !== null) throw positionLost(offset.lsn, problem)
}

/** Where to begin without any offset: where the slot is, or at its creation. */
export async function createStreamSlot(
  session: SourceSession,
  control: ControlConnection,
): Promise<SourceOffset> {
  const slot = await readSlot(await control.get(), session.options)
  let lsn = slot?.confirmedFlushLsn
  if (lsn === undefined) {
    await using walsender = await openConnection(session, 'replication')
    lsn = (await createSlot(walsender, session)).consistentPoint
  }
  return {
    kind: 'stream',
    lsn,
    commitLsn: null,
    sequenceLsn: null,
    messageType: 'COMMIT',
    txId: null,
    timeUs: nowUs(),
    changesAtLsn: null,
    snapshotHolds: null,
    transactionCounts: new Map(),
  }
}
