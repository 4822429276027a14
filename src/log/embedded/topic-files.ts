import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describeError } from '../../api/errors.ts'
import type { TaskLogger } from '../../api/source-task.ts'

/** Identifies the files of a topic. */
export interface TopicFiles {
  readonly id: number
  readonly name: string
}

/** Of the database in the data directory that says what counts. */
export const METADATA_FILE = 'tailrace.db'

/** The directory that holds a directory for each topic. */
export function topicsDirectory(dataDir: string): string {
  return join(dataDir, 'topics')
}

/**
 * `orders.7`: the name for people, the id for the program. The id keeps apart names that a file system may not (`Orders`
 * and `orders`), and a topic from a deleted one of its name. File names end at 255 bytes, topic names at 249.
 */
export function topicDirectory(dataDir: string, { id, name }: TopicFiles): string {
  return join(topicsDirectory(dataDir), `${name.slice(0, 230)}.${id}`)
}

export function partitionDirectory(dataDir: string, topic: TopicFiles, partition: number): string {
  return join(topicDirectory(dataDir, topic), String(partition))
}

/** Twenty digits, so that names sort as their offsets do. */
export function segmentFileName(baseOffset: bigint): string {
  return `${String(baseOffset).padStart(20, '0')}.log`
}

/** Removes a file or a directory with what is in it, if it is there. */
export function removeFile(path: string, logger: TaskLogger): void {
  try {
    rmSync(path, { recursive: true, force: true })
  } catch (error) {
    logger.warn({ path, error: describeError(error) }, 'Cannot remove a file that is not needed any more')
  }
}
