import { randomBytes } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import type { JsonObject } from '../json/json-object.ts'
import { describeMapping, emptyMapping, type ObjectMapping } from '../mapping/mapping.ts'
import { indexNotFound, SearchError } from '../search-error.ts'
import { DocumentTable } from './document-table.ts'
import { checkIndexName, invalidIndexName } from './index-name.ts'
import { newCounters, readIndexRow, SearchIndex } from './search-index.ts'

export interface NewIndex {
  readonly settings?: JsonObject
  readonly mapping?: ObjectMapping
  readonly aliases?: JsonObject
}

/** All indices. Every change happens in `transaction`: it is on disk when that returns, or it did not happen. */
export class IndexRegistry {
  readonly #connection: DatabaseSync
  readonly #now: () => number
  readonly #indices = new Map<string, SearchIndex>()
  /** The ones that the transaction at hand must save. */
  readonly #touched = new Set<SearchIndex>()
  #isInTransaction = false

  constructor(connection: DatabaseSync, now: () => number) {
    this.#connection = connection
    this.#now = now
    this.#load()
  }

  #load(): void {
    this.#indices.clear()
    for (const row of this.#connection.prepare('SELECT * FROM indices ORDER BY name').all()) {
      const index = new SearchIndex(this.#connection, readIndexRow(row))
      this.#indices.set(index.name, index)
    }
  }

  /** Runs `change` and commits. Where it throws, nothing of it stays, in memory or on disk. Not to be nested. */
  transaction<T>(change: () => T): T {
    this.#connection.exec('BEGIN IMMEDIATE')
    this.#isInTransaction = true
    try {
      const result = change()
      for (const index of this.#touched) index.save()
      this.#connection.exec('COMMIT')
      return result
    } catch (error) {
      if (this.#connection.isTransaction) this.#connection.exec('ROLLBACK')
      this.#load()
      throw isDiskFull(error) ? diskFull(error) : error
    } finally {
      this.#touched.clear()
      this.#isInTransaction = false
    }
  }

  /** Says that the index is changed by the transaction at hand. */
  touch(index: SearchIndex): SearchIndex {
    if (!this.#isInTransaction) throw new Error('an index is changed inside a transaction only')
    this.#touched.add(index)
    return index
  }

  all(): SearchIndex[] {
    return [...this.#indices.values()]
  }

  /** By name only, not by alias. */
  find(name: string): SearchIndex | undefined {
    return this.#indices.get(name)
  }

  aliasedBy(alias: string): SearchIndex[] {
    return this.all().filter((index) => Object.hasOwn(index.aliases, alias))
  }

  /** The one index that a name or an alias writes to; undefined where there is none. */
  findForWriting(name: string): SearchIndex | undefined {
    const index = this.#indices.get(name)
    if (index !== undefined) return index
    const aliased = this.aliasedBy(name)
    const writers = aliased.filter((each) => (each.aliases[name] as JsonObject)['is_write_index'] === true)
    if (aliased.length <= 1 || writers.length === 1) return writers[0] ?? aliased[0]
    const names = aliased.map((each) => each.name).join(', ')
    throw new SearchError(
      400,
      'illegal_argument_exception',
      `no write index is defined for alias [${name}]. It points to more than one index: ${names}`,
    )
  }

  get(name: string): SearchIndex {
    if (name.startsWith('_')) throw invalidIndexName(name, "must not start with '_'.")
    const index = this.findForWriting(name)
    if (index === undefined) throw indexNotFound(name)
    return index
  }

  create(name: string, { settings = {}, mapping = emptyMapping, aliases = {} }: NewIndex = {}): SearchIndex {
    checkIndexName(name)
    const existing = this.#indices.get(name)
    if (existing !== undefined) {
      throw new SearchError(
        400,
        'resource_already_exists_exception',
        `index [${name}/${existing.uuid}] already exists`,
        {
          index_uuid: existing.uuid,
          index: name,
        },
      )
    }
    if (this.aliasedBy(name).length > 0) throw invalidIndexName(name, 'already exists as alias')
    const uuid = randomBytes(16).toString('base64url')
    const createdMs = this.#now()
    const mappings = describeMapping(mapping)
    const { lastInsertRowid } = this.#connection
      .prepare(
        'INSERT INTO indices (name, uuid, created_ms, settings, mappings, aliases, counters) VALUES (?, ?, ?, ?, ?, ?, ?)',
      )
      .run(
        name,
        uuid,
        createdMs,
        JSON.stringify(settings),
        JSON.stringify(mappings),
        JSON.stringify(aliases),
        JSON.stringify(newCounters),
      )
    const id = Number(lastInsertRowid)
    DocumentTable.create(this.#connection, id)
    const index = new SearchIndex(this.#connection, {
      id,
      name,
      uuid,
      createdMs,
      settings,
      mappings,
      aliases,
      counters: newCounters,
    })
    this.#indices.set(name, index)
    return this.touch(index)
  }

  delete(index: SearchIndex): void {
    this.#connection.prepare('DELETE FROM indices WHERE id = ?').run(index.id)
    DocumentTable.drop(this.#connection, index.id)
    this.#indices.delete(index.name)
    this.#touched.delete(index)
  }
}

const SQLITE_FULL = 13

function isDiskFull(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_FULL
}

/** As Elasticsearch says it: to be tried again, once there is room. */
function diskFull(cause: unknown): SearchError {
  const block = 'disk usage exceeded flood-stage watermark, index has read-only-allow-delete block'
  const reason = `blocked by: [TOO_MANY_REQUESTS/12/${block}]; the disk of the embedded search node is full, make room on it`
  return new SearchError(429, 'cluster_block_exception', reason, {
    caused_by: { type: 'sqlite_full', reason: String(cause) },
  })
}
