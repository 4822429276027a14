import { relative } from 'node:path'
import type { TaskLogger } from '../../api/source-task.ts'
import type { TopicPartitionOffset } from '../../api/sink-task.ts'
import type { NewTopic, StateEntry } from '../log.ts'
import { FailedCommits } from './failed-commits.ts'
import { FileRemoval } from './file-removal.ts'
import type { Metadata } from './metadata.ts'
import { emptySegment, PartitionLog, StagedAppend, type TopicLog } from './partition-log.ts'
import type {
  AppendAsk,
  CopiedSegment,
  LocateAsk,
  OffsetsAsk,
  PartitionId,
  PartitionTail,
  SegmentPosition,
  TopicState,
} from './protocol.ts'
import { expiredSegments } from './retention.ts'
import type { SegmentFiles } from './segment-files.ts'
import { checkNewTopic, type TopicPolicy } from './topic-config.ts'
import { topicDirectory } from './topic-files.ts'
import { TopicTable } from './topic-table.ts'
import { writeFailure } from './write-failure.ts'

/** What can share one commit with others. */
export type Write =
  | { readonly kind: 'append'; readonly ask: Pick<AppendAsk, 'batches' | 'state'> }
  | { readonly kind: 'write-state'; readonly ask: readonly StateEntry[] }
  | { readonly kind: 'commit-offsets'; readonly ask: OffsetsAsk }

export interface CommitResult {
  /** For each write the base offsets of its batches. */
  readonly baseOffsets: readonly (readonly bigint[])[]
  /** The new ends of the partitions that grew. */
  readonly grown: readonly PartitionTail[]
}

export interface LogStoreParts {
  readonly dataDir: string
  readonly metadata: Metadata
  readonly files: SegmentFiles
  readonly logger: TaskLogger
}

/**
 * The log itself, as its owner thread has it: synchronous, one thing after the other. A commit writes the batches,
 * waits until the disk has them, and then commits one SQLite transaction; only that makes them count.
 */
export class LogStore {
  readonly #dataDir: string
  readonly #metadata: Metadata
  readonly #files: SegmentFiles
  readonly #logger: TaskLogger
  readonly #topics: TopicTable
  readonly #failed: FailedCommits
  readonly #removal: FileRemoval
  /** A segment was begun since retention was applied. */
  hasRolled = false

  constructor(parts: LogStoreParts, topics: readonly TopicLog[]) {
    const { dataDir, metadata, files, logger } = parts
    this.#dataDir = dataDir
    this.#metadata = metadata
    this.#files = files
    this.#logger = logger
    this.#removal = new FileRemoval(logger)
    this.#failed = new FailedCommits(parts)
    this.#topics = new TopicTable(topics)
  }

  topics(name: string | null): TopicState[] {
    return this.#topics.describe(name)
  }

  /** All of them in one commit; throws, and creates none, if one cannot be. Two of the same name are one topic. */
  createTopics(topics: readonly NewTopic[]): readonly ('created' | 'exists')[] {
    const wanted = new Map<string, NewTopic & { readonly policy: TopicPolicy }>()
    const outcomes = topics.map((topic) => {
      const policy = checkNewTopic(topic)
      if (this.#topics.find(topic.name) !== undefined || wanted.has(topic.name)) return 'exists'
      wanted.set(topic.name, { ...topic, policy })
      return 'created'
    })
    if (wanted.size === 0) return outcomes
    const created = this.#change(() => [...wanted.values()].map((topic) => this.#insertTopic(topic)))
    for (const topic of created) {
      this.#topics.add(topic)
      this.#logger.info({ topic: topic.name, partitions: topic.partitions.length }, 'Created a topic')
    }
    return outcomes
  }

  deleteTopic(name: string): boolean {
    const topic = this.#topics.find(name)
    if (topic === undefined) return false
    this.#change(() => this.#metadata.deleteTopic(topic.id))
    this.#topics.remove(name)
    for (const partition of topic.partitions) {
      this.#failed.settled(partition)
      for (const { baseOffset } of partition.segments)
        this.#files.forget(this.#files.path(partition, baseOffset))
    }
    this.#removal.remove(topicDirectory(this.#dataDir, topic))
    this.#logger.info({ topic: name }, 'Deleted a topic')
    return true
  }

  deleteGroup(group: string): boolean {
    return this.#change(() => this.#metadata.deleteGroup(group))
  }

  groupOffsets(group: string): readonly TopicPartitionOffset[] {
    return this.#metadata.groupOffsets(group)
  }

  readState(space: string): ReadonlyMap<string, string> {
    return this.#metadata.state(space)
  }

  /**
   * All writes in one commit: either all of them are durable when it returns, or it throws and none has happened.
   * `log.topic-unknown` concerns one of the writes; `log.disk-full` and `log.write-failed` all of them.
   */
  commit(writes: readonly Write[]): CommitResult {
    this.#failed.undo()
    const staged = new Map<PartitionLog, StagedAppend>()
    const baseOffsets = writes.map((write) => (write.kind === 'append' ? this.#stage(write.ask, staged) : []))
    for (const write of writes) if (write.kind === 'commit-offsets') this.#checkOffsets(write.ask)
    const appends = [...staged.values()].map((append) => ({ append, writes: append.finish() }))
    try {
      for (const { append } of appends) this.#failed.writing(append.partition)
      this.#files.write(
        appends.flatMap(({ append: { partition }, writes }) => writes.map((write) => ({ partition, write }))),
      )
      this.#failed.transaction(() => {
        for (const { append, writes } of appends) {
          for (const write of writes) this.#metadata.putWrite(idOf(append.partition), write)
        }
        for (const write of writes) this.#store(write)
      })
    } catch (error) {
      this.#failed.tryToUndo()
      throw writeFailure(this.#dataDir, error)
    }
    for (const { append, writes } of appends) {
      const { partition } = append
      if (partition.endOffset > 0n && writes.some(({ isNew }) => isNew)) this.hasRolled = true
      partition.apply(writes)
      this.#failed.settled(partition)
    }
    return { baseOffsets, grown: appends.map(({ append }) => append.partition.tail) }
  }

  locate({ topic: name, topicId, partition, offset }: LocateAsk): SegmentPosition {
    const log = this.#topics.partition(name, partition, topicId)
    const { startOffset, endOffset } = log
    const wanted = offset < startOffset ? startOffset : offset
    const segment = log.segmentOf(wanted)
    const entry = this.#metadata.indexEntry(idOf(log), segment, wanted)
    return {
      topicId: log.topic.id,
      startOffset,
      endOffset,
      segmentBase: segment.baseOffset,
      segmentLength: segment.length,
      segmentEnd: segment.endOffset,
      position: entry?.position ?? 0,
      positionOffset: entry?.offset ?? segment.baseOffset,
    }
  }

  tails(partitions: readonly PartitionId[]): PartitionTail[] {
    return this.#topics.tails(partitions)
  }

  /** Deletes the segments that the topics' settings let go. */
  applyRetention(nowMs: number): void {
    this.hasRolled = false
    const expired = this.#topics.all.flatMap(({ partitions, policy }) =>
      partitions.flatMap((partition) => {
        const count = expiredSegments(partition.segments, policy, nowMs)
        return count === 0 ? [] : [{ partition, count }]
      }),
    )
    if (expired.length === 0) return
    this.#change(() => {
      for (const { partition, count } of expired) {
        for (const segment of partition.segments.slice(0, count)) {
          this.#metadata.deleteSegment(idOf(partition), segment)
        }
        if (count === partition.segments.length) {
          this.#metadata.putSegment(idOf(partition), emptySegment(partition.endOffset))
        }
      }
    })
    for (const { partition, count } of expired) {
      const gone = partition.segments.slice(0, count)
      const kept = partition.segments.slice(count)
      partition.segments = kept.length > 0 ? kept : [emptySegment(partition.endOffset)]
      for (const { baseOffset } of gone) {
        const path = this.#files.path(partition, baseOffset)
        this.#files.forget(path)
        this.#removal.remove(path)
      }
      const { topic, startOffset } = partition
      const fields = { topic: topic.name, partition: partition.partition, segments: count, startOffset }
      this.#logger.info(fields, 'Retention deleted segments')
    }
  }

  /** Copies the metadata into a new file; what it speaks of stays until `endCopy`. Throws SQLite's errors. */
  beginCopy(path: string): readonly CopiedSegment[] {
    this.#failed.undo()
    this.#metadata.copyInto(path)
    this.#removal.hold()
    return this.#topics.all.flatMap(({ partitions }) =>
      partitions.flatMap((partition) =>
        partition.segments
          .filter(({ length }) => length > 0)
          .map(({ baseOffset, length }) => ({
            path: relative(this.#dataDir, this.#files.path(partition, baseOffset)),
            length,
          })),
      ),
    )
  }

  endCopy(): void {
    this.#removal.release()
  }

  close(): void {
    this.#failed.tryToUndo()
    this.#files.close()
    this.#metadata.close()
  }

  #stage(
    { batches }: Pick<AppendAsk, 'batches'>,
    staged: Map<PartitionLog, StagedAppend>,
  ): readonly bigint[] {
    return batches.map(({ topic, partition, batch }) => {
      const log = this.#topics.partition(topic, partition)
      let append = staged.get(log)
      if (append === undefined) staged.set(log, (append = new StagedAppend(log)))
      return append.add(Buffer.from(batch.buffer, batch.byteOffset, batch.length))
    })
  }

  #store(write: Write): void {
    switch (write.kind) {
      case 'append':
        for (const entry of write.ask.state) this.#metadata.putState(entry)
        return
      case 'write-state':
        for (const entry of write.ask) this.#metadata.putState(entry)
        return
      case 'commit-offsets':
        for (const { topic, topicId, partition, offset } of write.ask.offsets) {
          const log = this.#topics.find(topic)?.partitions[partition]
          if (log === undefined || (topicId !== undefined && topicId !== log.topic.id)) continue
          this.#metadata.putGroupOffset(write.ask.group, idOf(log), offset)
        }
    }
  }

  /** A consumer may commit what it read of a topic that is gone by now; anybody else must name one that is there. */
  #checkOffsets({ offsets }: OffsetsAsk): void {
    for (const { topic, topicId, partition } of offsets) {
      if (topicId === undefined) this.#topics.partition(topic, partition)
    }
  }

  #insertTopic({
    name,
    config = {},
    partitions,
    policy,
  }: NewTopic & { readonly policy: TopicPolicy }): TopicLog {
    const id = this.#metadata.insertTopic(name, config)
    const identity = { id, name, policy }
    const logs = Array.from({ length: partitions }, (_, partition) => {
      this.#metadata.putSegment({ topicId: id, partition }, emptySegment(0n))
      return new PartitionLog(identity, partition, [emptySegment(0n)])
    })
    return { ...identity, config, partitions: logs }
  }

  /** A transaction of its own, outside of group commits. */
  #change<T>(work: () => T): T {
    this.#failed.undo()
    try {
      return this.#failed.transaction(work)
    } catch (error) {
      this.#failed.tryToUndo()
      throw writeFailure(this.#dataDir, error)
    }
  }
}

function idOf({ topic, partition }: PartitionLog): PartitionId {
  return { topicId: topic.id, partition }
}
