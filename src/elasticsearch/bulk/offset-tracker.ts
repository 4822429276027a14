import type { TopicPartition, TopicPartitionOffset } from '../../api/sink-task.ts'

/**
 * Which records of one partition are under way. Records are added in offset order and finish in any order. Offsets are
 * numbers here, not bigints: exact up to 2^53, and a bigint for each record would be an allocation for each record.
 */
export class PartitionProgress {
  readonly topic: string
  readonly partition: number
  /** Taken away from this task: what is still under way must not be sent again. */
  isRevoked = false
  // A ring: the record with sequence s is at s & mask. Sequences only grow.
  #offsets = new Float64Array(64)
  #isDone = new Uint8Array(64)
  #head = 0
  #tail = 0
  #expected: number | null = null

  constructor(topic: string, partition: number) {
    this.topic = topic
    this.partition = partition
  }

  get pendingCount(): number {
    return this.#tail - this.#head
  }

  /** The record at `offset` is under way from now on. The result names it for `done` and `offsetOf`. */
  add(offset: number): number {
    if (this.#tail - this.#head === this.#offsets.length) this.#grow()
    const slot = this.#tail & (this.#offsets.length - 1)
    this.#offsets[slot] = offset
    this.#isDone[slot] = 0
    return this.#tail++
  }

  done(sequence: number): void {
    const mask = this.#offsets.length - 1
    if (sequence < this.#head) return
    this.#isDone[sequence & mask] = 1
    while (this.#head < this.#tail && this.#isDone[this.#head & mask] === 1) this.#head++
  }

  /** Valid until the record is done. */
  offsetOf(sequence: number): number {
    return this.#offsets[sequence & (this.#offsets.length - 1)]!
  }

  /** Records from this offset on were handed over but not added yet; null: all were. */
  expect(offset: number | null): void {
    this.#expected = offset
  }

  /** The offset up to which everything is done, or null where nothing is under way at all. */
  get firstPending(): number | null {
    if (this.#head === this.#tail) return this.#expected
    const first = this.#offsets[this.#head & (this.#offsets.length - 1)]!
    return this.#expected === null ? first : Math.min(first, this.#expected)
  }

  #grow(): void {
    const { length } = this.#offsets
    const offsets = new Float64Array(length * 2)
    const isDone = new Uint8Array(length * 2)
    for (let sequence = this.#head; sequence < this.#tail; sequence++) {
      offsets[sequence & (length * 2 - 1)] = this.#offsets[sequence & (length - 1)]!
      isDone[sequence & (length * 2 - 1)] = this.#isDone[sequence & (length - 1)]!
    }
    this.#offsets = offsets
    this.#isDone = isDone
  }
}

/** Says which offsets may be committed: never beyond a record that is not stored. */
export class OffsetTracker {
  readonly #partitions = new Map<string, PartitionProgress>()

  /** The progress of a partition; starts one where the partition is new, or was taken away before. */
  progress(topic: string, partition: number): PartitionProgress {
    const key = `${topic}/${partition}`
    let progress = this.#partitions.get(key)
    if (progress === undefined || progress.isRevoked) {
      progress = new PartitionProgress(topic, partition)
      this.#partitions.set(key, progress)
    }
    return progress
  }

  /** Whether something of these partitions is still under way. */
  isPending(partitions: readonly TopicPartition[]): boolean {
    return partitions.some(({ topic, partition }) => {
      const progress = this.#partitions.get(`${topic}/${partition}`)
      return progress !== undefined && !progress.isRevoked && progress.pendingCount > 0
    })
  }

  /** Nothing is sent for these any more. How far they came is known on, for the last commit. */
  revoke(partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) {
      const progress = this.#partitions.get(`${topic}/${partition}`)
      if (progress !== undefined) progress.isRevoked = true
    }
  }

  /** The given positions, held back to the first record that is under way. Gaps of dropped records do not matter. */
  committable(positions: readonly TopicPartitionOffset[]): TopicPartitionOffset[] {
    return positions.map((position) => {
      const pending = this.#partitions.get(`${position.topic}/${position.partition}`)?.firstPending ?? null
      if (pending === null || BigInt(pending) >= position.offset) return position
      return { topic: position.topic, partition: position.partition, offset: BigInt(pending) }
    })
  }
}
