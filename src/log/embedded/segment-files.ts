import nodeFs from 'node:fs'
import { dirname, join } from 'node:path'
import type { PartitionLog, Segment, SegmentWrite } from './partition-log.ts'
import { partitionDirectory, segmentFileName, topicsDirectory, topicDirectory } from './topic-files.ts'

/** The calls that can fail in ways a test wants to see. */
export type Disk = Pick<
  typeof nodeFs,
  'openSync' | 'closeSync' | 'writevSync' | 'fdatasyncSync' | 'fsyncSync' | 'ftruncateSync' | 'mkdirSync'
>

/** More partitions than this are open for writing by turns. */
const OPEN_FILES = 128

/** As many files are written before they are waited for; all of them stay open meanwhile. */
const WRITTEN_TOGETHER = 64

/** What an append does to one segment file of a partition. */
export interface PartitionWrite {
  readonly partition: PartitionLog
  readonly write: SegmentWrite
}

/** The segment files as the owner thread writes them. */
export class SegmentFiles {
  readonly #dataDir: string
  readonly #disk: Disk
  /** Descriptors by path, the one used last at the end. */
  readonly #open = new Map<string, number>()

  constructor(dataDir: string, disk: Disk = nodeFs) {
    this.#dataDir = dataDir
    this.#disk = disk
  }

  directory({ topic, partition }: PartitionLog): string {
    return partitionDirectory(this.#dataDir, topic, partition)
  }

  path(partition: PartitionLog, baseOffset: bigint): string {
    return join(this.directory(partition), segmentFileName(baseOffset))
  }

  /**
   * Writes the bytes and waits until the disk has them, the files' names included. All files are written before the first
   * is waited for: a disk that has much to do does it in one go.
   */
  write(writes: readonly PartitionWrite[]): void {
    for (let at = 0; at < writes.length; at += WRITTEN_TOGETHER) {
      const descriptors = writes.slice(at, at + WRITTEN_TOGETHER).map((each) => this.#writeSegment(each))
      for (const descriptor of new Set(descriptors)) this.#disk.fdatasyncSync(descriptor)
    }
    this.#syncNames(writes.filter(({ write }) => write.isNew))
  }

  /** Cuts a segment back to its committed bytes, so that what was written behind them takes no room. */
  cutBack(partition: PartitionLog, { baseOffset, length }: Segment): void {
    const path = this.path(partition, baseOffset)
    if (length === 0) {
      this.forget(path)
      nodeFs.rmSync(path, { force: true })
      return
    }
    // A new descriptor: after a failed sync the old one has reported its error, and would say that all is well.
    this.forget(path)
    this.#disk.ftruncateSync(this.#descriptor(path), length)
  }

  forget(path: string): void {
    const descriptor = this.#open.get(path)
    if (descriptor === undefined) return
    this.#open.delete(path)
    this.#disk.closeSync(descriptor)
  }

  close(): void {
    for (const path of this.#open.keys()) this.forget(path)
  }

  #writeAll(descriptor: number, buffers: readonly Uint8Array[], position: number): void {
    let left = buffers
    let at = position
    while (left.length > 0) {
      // A disk that gets full takes a part and says so; the rest then fails with the reason.
      let written = this.#disk.writevSync(descriptor, left, at)
      at += written
      let whole = 0
      while (whole < left.length && written >= left[whole]!.length) written -= left[whole++]!.length
      left = left.slice(whole)
      if (written > 0) left = [left[0]!.subarray(written), ...left.slice(1)]
    }
  }

  #writeSegment({ partition, write: { isNew, position, buffers, after } }: PartitionWrite): number {
    const path = this.path(partition, after.baseOffset)
    const descriptor = isNew ? this.#create(path) : this.#descriptor(path)
    this.#writeAll(descriptor, buffers, position)
    return descriptor
  }

  #create(path: string): number {
    this.forget(path)
    this.#disk.mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    // Truncating: what may lie there is from an append that was never committed.
    return this.#keep(path, this.#disk.openSync(path, 'w+', 0o600))
  }

  /**
   * A file is not there after a crash before its directory says so, and all directories above it. Those that are older
   * too: whoever made them may have failed before they were safe.
   */
  #syncNames(begun: readonly PartitionWrite[]): void {
    if (begun.length === 0) return
    const directories = new Set<string>()
    for (const { partition } of begun) directories.add(this.directory(partition))
    for (const { partition } of begun) directories.add(topicDirectory(this.#dataDir, partition.topic))
    for (const directory of directories) this.#syncDirectory(directory)
    this.#syncDirectory(topicsDirectory(this.#dataDir))
  }

  #descriptor(path: string): number {
    const open = this.#open.get(path)
    if (open === undefined) return this.#keep(path, this.#disk.openSync(path, 'r+'))
    this.#open.delete(path)
    this.#open.set(path, open)
    return open
  }

  #keep(path: string, descriptor: number): number {
    this.#open.set(path, descriptor)
    const [oldest] = this.#open.keys()
    if (this.#open.size > OPEN_FILES && oldest !== undefined) this.forget(oldest)
    return descriptor
  }

  #syncDirectory(directory: string): void {
    const descriptor = this.#disk.openSync(directory, 'r')
    try {
      this.#disk.fsyncSync(descriptor)
    } finally {
      this.#disk.closeSync(descriptor)
    }
  }
}
