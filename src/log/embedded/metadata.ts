import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import type { TopicPartitionOffset } from '../../api/sink-task.ts'
import type { StateEntry } from '../log.ts'
import type { IndexEntry, Segment, SegmentWrite } from './partition-log.ts'
import type { PartitionId } from './protocol.ts'

const FORMAT = 1

const SCHEMA = `
CREATE TABLE topic (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, config TEXT NOT NULL);
-- A partition has one segment at least. "length" is the committed end of its file.
CREATE TABLE segment (
  topic_id INTEGER NOT NULL REFERENCES topic ON DELETE CASCADE, "partition" INTEGER NOT NULL,
  base_offset INTEGER NOT NULL, end_offset INTEGER NOT NULL, length INTEGER NOT NULL, max_timestamp INTEGER NOT NULL,
  PRIMARY KEY (topic_id, "partition", base_offset)) WITHOUT ROWID;
-- Some batches of a segment and where they start in its file.
CREATE TABLE segment_index (
  topic_id INTEGER NOT NULL, "partition" INTEGER NOT NULL, base_offset INTEGER NOT NULL,
  "offset" INTEGER NOT NULL, position INTEGER NOT NULL,
  PRIMARY KEY (topic_id, "partition", base_offset, "offset"),
  FOREIGN KEY (topic_id, "partition", base_offset) REFERENCES segment ON DELETE CASCADE) WITHOUT ROWID;
CREATE TABLE group_offset (
  "group" TEXT NOT NULL, topic_id INTEGER NOT NULL REFERENCES topic ON DELETE CASCADE, "partition" INTEGER NOT NULL,
  "offset" INTEGER NOT NULL, PRIMARY KEY ("group", topic_id, "partition")) WITHOUT ROWID;
CREATE TABLE state (space TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (space, key)) WITHOUT ROWID;
-- Written to find out whether the database can be written to.
CREATE TABLE probe (id INTEGER PRIMARY KEY, count INTEGER NOT NULL);
INSERT INTO probe VALUES (1, 0);
PRAGMA user_version = ${FORMAT};
`

export interface StoredTopic {
  readonly id: number
  readonly name: string
  readonly config: Readonly<Record<string, string>>
  /** Of each partition, in the order of offsets. */
  readonly segments: readonly (readonly Segment[])[]
}

/** A data directory that a later version has written. */
export class UnknownFormatError extends Error {
  readonly format: bigint
  constructor(format: bigint) {
    super(`format ${format}`)
    this.format = format
  }
}

/**
 * The SQLite database that says what of the segment files counts. Everything that becomes visible in one step is
 * written in one `transaction`.
 */
export class Metadata {
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  /** Throws SQLite's "database is locked" where another process has it open. */
  constructor(path: string) {
    this.#database = new DatabaseSync(path, { timeout: 0, enableForeignKeyConstraints: true })
    try {
      // Exclusive: the kernel drops the lock with the process however it ends, and the WAL needs no shared memory.
      this.#database.exec(
        'PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL',
      )
      this.#database.exec('PRAGMA cache_size = -1024; BEGIN EXCLUSIVE')
      const format = this.#get('PRAGMA user_version')!['user_version'] as bigint
      if (format === 0n) this.#database.exec(SCHEMA)
      else if (format !== BigInt(FORMAT)) throw new UnknownFormatError(format)
      this.#database.exec('COMMIT')
    } catch (error) {
      this.#database.close()
      throw error
    }
  }

  /** Durable when it returns; when it throws, nothing was done. */
  transaction<T>(work: () => T): T {
    this.#run('BEGIN IMMEDIATE')
    try {
      const result = work()
      this.#run('COMMIT')
      return result
    } catch (error) {
      // A failed commit may have rolled back already.
      if (this.#database.isTransaction) this.#run('ROLLBACK')
      throw error
    }
  }

  /**
   * A transaction without meaning. After a commit whose sync failed, its frames may still lie in the WAL and count
   * after a crash; the next transaction that succeeds overwrites them.
   */
  probe(): void {
    this.transaction(() => this.#run('UPDATE probe SET count = count + 1'))
  }

  /** Writes all that is committed into a new database file. It is not synced. */
  copyInto(path: string): void {
    this.#run('VACUUM INTO ?', path)
  }

  close(): void {
    this.#database.close()
  }

  topics(): StoredTopic[] {
    return this.#all('SELECT id, name, config FROM topic ORDER BY id').map((row) => {
      const segments: Segment[][] = []
      const sql =
        'SELECT "partition", base_offset, end_offset, length, max_timestamp FROM segment WHERE topic_id = ? ORDER BY "partition", base_offset'
      for (const segment of this.#all(sql, row['id'] as bigint)) {
        const list = (segments[Number(segment['partition'])] ??= [])
        list.push({
          baseOffset: segment['base_offset'] as bigint,
          endOffset: segment['end_offset'] as bigint,
          length: Number(segment['length']),
          maxTimestamp: Number(segment['max_timestamp']),
        })
      }
      const config = JSON.parse(row['config'] as string) as Record<string, string>
      return { id: Number(row['id']), name: row['name'] as string, config, segments }
    })
  }

  insertTopic(name: string, config: Readonly<Record<string, string>>): number {
    const sql = 'INSERT INTO topic (name, config) VALUES (?, ?)'
    return Number(this.#run(sql, name, JSON.stringify(config)).lastInsertRowid)
  }

  deleteTopic(id: number): void {
    this.#run('DELETE FROM topic WHERE id = ?', id)
  }

  putSegment({ topicId, partition }: PartitionId, segment: Segment): void {
    this.#run(
      'INSERT INTO segment VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET end_offset = excluded.end_offset, length = excluded.length, max_timestamp = excluded.max_timestamp',
      topicId,
      partition,
      segment.baseOffset,
      segment.endOffset,
      segment.length,
      segment.maxTimestamp,
    )
  }

  putWrite(id: PartitionId, { after, entries }: SegmentWrite): void {
    this.putSegment(id, after)
    for (const { offset, position } of entries) {
      const { topicId, partition } = id
      this.#run(
        'INSERT INTO segment_index VALUES (?, ?, ?, ?, ?)',
        topicId,
        partition,
        after.baseOffset,
        offset,
        position,
      )
    }
  }

  deleteSegment({ topicId, partition }: PartitionId, { baseOffset }: Segment): void {
    const sql = 'DELETE FROM segment WHERE topic_id = ? AND "partition" = ? AND base_offset = ?'
    this.#run(sql, topicId, partition, baseOffset)
  }

  /** The last known batch of a segment that starts at or before an offset; null: read from the start of its file. */
  indexEntry(
    { topicId, partition }: PartitionId,
    { baseOffset }: Segment,
    offset: bigint,
  ): IndexEntry | null {
    const row = this.#get(
      'SELECT "offset", position FROM segment_index WHERE topic_id = ? AND "partition" = ? AND base_offset = ? AND "offset" <= ? ORDER BY "offset" DESC LIMIT 1',
      topicId,
      partition,
      baseOffset,
      offset,
    )
    return row === undefined ? null : { offset: row['offset'] as bigint, position: Number(row['position']) }
  }

  groupOffsets(group: string): TopicPartitionOffset[] {
    const sql =
      'SELECT name, "partition", "offset" FROM group_offset JOIN topic ON id = topic_id WHERE "group" = ? ORDER BY name, "partition"'
    return this.#all(sql, group).map((row) => ({
      topic: row['name'] as string,
      partition: Number(row['partition']),
      offset: row['offset'] as bigint,
    }))
  }

  putGroupOffset(group: string, { topicId, partition }: PartitionId, offset: bigint): void {
    const sql =
      'INSERT INTO group_offset VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET "offset" = excluded."offset"'
    this.#run(sql, group, topicId, partition, offset)
  }

  deleteGroup(group: string): boolean {
    return this.#run('DELETE FROM group_offset WHERE "group" = ?', group).changes !== 0n
  }

  state(space: string): Map<string, string> {
    const rows = this.#all('SELECT key, value FROM state WHERE space = ? ORDER BY key', space)
    return new Map(rows.map((row) => [row['key'] as string, row['value'] as string]))
  }

  putState({ space, key, value }: StateEntry): void {
    if (value === null) this.#run('DELETE FROM state WHERE space = ? AND key = ?', space, key)
    else {
      const sql = 'INSERT INTO state VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value'
      this.#run(sql, space, key, value)
    }
  }

  #run(sql: string, ...values: SQLInputValue[]): ReturnType<StatementSync['run']> {
    return this.#statement(sql).run(...values)
  }

  #get(sql: string, ...values: SQLInputValue[]): Record<string, unknown> | undefined {
    return this.#statement(sql).get(...values)
  }

  #all(sql: string, ...values: SQLInputValue[]): Record<string, unknown>[] {
    return this.#statement(sql).all(...values)
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.#database.prepare(sql)
      statement.setReadBigInts(true)
      this.#statements.set(sql, statement)
    }
    return statement
  }
}
