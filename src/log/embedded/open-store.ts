import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { ConflictError, ConnectError, describeError } from '../../api/errors.ts'
import type { TaskLogger } from '../../api/source-task.ts'
import { LogStore } from './log-store.ts'
import { Metadata, UnknownFormatError } from './metadata.ts'
import { PartitionLog, type TopicLog } from './partition-log.ts'
import { SegmentFiles, type Disk } from './segment-files.ts'
import { topicPolicy } from './topic-config.ts'
import {
  METADATA_FILE,
  partitionDirectory,
  removeFile,
  segmentFileName,
  topicDirectory,
  topicsDirectory,
} from './topic-files.ts'

const SQLITE_BUSY = 5

/**
 * Opens a data directory, creating it if need be, and cuts away what no commit covers: bytes behind the committed end of
 * a segment, files that belong to nothing. Throws `log.locked`, `log.open-failed`, `log.format-unsupported`.
 */
export function openStore(dataDir: string, logger: TaskLogger, disk?: Disk): LogStore {
  let metadata: Metadata | null = null
  try {
    mkdirSync(topicsDirectory(dataDir), { recursive: true, mode: 0o700 })
    chmodSync(dataDir, 0o700)
    metadata = openMetadata(dataDir, { mayBeNew: readdirSync(topicsDirectory(dataDir)).length === 0 })
    const files = new SegmentFiles(dataDir, disk)
    const topics = metadata.topics().map(({ id, name, config, segments }): TopicLog => {
      const identity = { id, name, policy: topicPolicy(name, config) }
      const partitions = segments.map((list, partition) => new PartitionLog(identity, partition, list))
      return { ...identity, config, partitions }
    })
    removeStrangers(dataDir, topics, logger)
    for (const { partitions } of topics) for (const partition of partitions) recover(partition, files, logger)
    return new LogStore({ dataDir, metadata, files, logger }, topics)
  } catch (error) {
    metadata?.close()
    if (error instanceof ConnectError) throw error
    throw new ConnectError(
      'log.open-failed',
      `Cannot open the data directory ${dataDir}: ${describeError(error)}`,
      {
        cause: error,
      },
    )
  }
}

function openMetadata(dataDir: string, { mayBeNew }: { readonly mayBeNew: boolean }): Metadata {
  const path = join(dataDir, METADATA_FILE)
  const pidFile = join(dataDir, 'pid')
  // Without it, opening would delete them as files that belong to nothing.
  if (!mayBeNew && !existsSync(path)) {
    throw new ConnectError(
      'log.open-failed',
      `The data directory ${dataDir} has topics, but not ${METADATA_FILE}, which says what of them counts: it was lost, or this is a backup that was never finished. Nothing was changed; put the file back, or use another directory.`,
    )
  }
  // SQLite would create it readable for everybody; its WAL takes the mode over.
  if (mayBeNew) closeSync(openSync(path, 'a', 0o600))
  try {
    const metadata = new Metadata(path)
    // Only for the message below: the lock itself is SQLite's, and goes with its process.
    writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 })
    return metadata
  } catch (error) {
    if (error instanceof UnknownFormatError) {
      throw new ConnectError(
        'log.format-unsupported',
        `The data directory ${dataDir} has ${error.message}, which this version cannot read. Use the version that wrote it, or a newer one.`,
      )
    }
    if (error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === SQLITE_BUSY) {
      throw new ConflictError(
        'log.locked',
        `The data directory ${dataDir} is in use by the process ${readPid(pidFile)}. Stop it, or choose another directory.`,
      )
    }
    throw error
  }
}

function readPid(pidFile: string): string {
  try {
    return readFileSync(pidFile, 'utf8').trim()
  } catch {
    return 'of another worker'
  }
}

/** Removes files of topics that are deleted and of segments that were never committed. */
function removeStrangers(dataDir: string, topics: readonly TopicLog[], logger: TaskLogger): void {
  const known = new Set(topics.map((topic) => topicDirectory(dataDir, topic)))
  for (const entry of readdirSync(topicsDirectory(dataDir))) {
    const path = join(topicsDirectory(dataDir), entry)
    if (!known.has(path)) removeFile(path, logger)
  }
  for (const topic of topics) {
    for (const { partition, segments } of topic.partitions) {
      const directory = partitionDirectory(dataDir, topic, partition)
      const names = new Set(
        segments.filter(({ length }) => length > 0).map((s) => segmentFileName(s.baseOffset)),
      )
      for (const entry of filesIn(directory)) {
        if (!names.has(entry)) removeFile(join(directory, entry), logger)
      }
    }
  }
}

function filesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return [] // nothing was appended yet
  }
}

/** Cuts the last segment back to its committed bytes. A file that is too short is kept for what it still holds. */
function recover(partition: PartitionLog, files: SegmentFiles, logger: TaskLogger): void {
  const last = partition.segments.at(-1)!
  if (last.length === 0) return
  const path = files.path(partition, last.baseOffset)
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  const fields = {
    topic: partition.topic.name,
    partition: partition.partition,
    path,
    size,
    committed: last.length,
  }
  if (size > last.length) {
    files.cutBack(partition, last)
    files.forget(path)
    logger.info(fields, 'Cut off what was not committed')
  }
  if (size < last.length) {
    // Reading up to there fails with log.corrupt and names the file; new records go into a new segment.
    partition.isSealed = true
    logger.error(fields, 'A segment file is shorter than what was committed')
  }
}
