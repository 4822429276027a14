import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { isJsonObject, type JsonObject } from '../json/json-object.ts'
import { describeMapping, type ObjectMapping } from '../mapping/mapping.ts'
import { parseMapping } from '../mapping/parse-mapping.ts'
import { DocumentTable } from './document-table.ts'

export interface Counters {
  nextSeqNo: number
  documents: number
  indexTotal: number
  indexFailed: number
  deleteTotal: number
  noopTotal: number
}

export const newCounters: Readonly<Counters> = {
  nextSeqNo: 0,
  documents: 0,
  indexTotal: 0,
  indexFailed: 0,
  deleteTotal: 0,
  noopTotal: 0,
}

/** A row of `indices`: what is known about an index besides its documents. */
export interface IndexRow {
  readonly id: number
  readonly name: string
  readonly uuid: string
  readonly createdMs: number
  readonly settings: JsonObject
  readonly mappings: JsonObject
  readonly aliases: JsonObject
  readonly counters: Counters
}

/** One index. Its state is changed inside a transaction of the registry only, which saves it, or reads it again. */
export class SearchIndex {
  readonly id: number
  readonly name: string
  readonly uuid: string
  readonly createdMs: number
  readonly counters: Counters
  settings: JsonObject
  /** Alias name to what was said about it. */
  aliases: JsonObject
  #mapping: ObjectMapping
  #mappingText: string
  readonly #connection: DatabaseSync
  readonly #saveCounters: StatementSync
  readonly #saveAll: StatementSync
  #table: DocumentTable | undefined

  constructor(connection: DatabaseSync, row: IndexRow) {
    this.id = row.id
    this.name = row.name
    this.uuid = row.uuid
    this.createdMs = row.createdMs
    this.settings = row.settings
    this.aliases = row.aliases
    this.counters = { ...row.counters }
    this.#mapping = parseMapping(row.mappings)
    this.#mappingText = JSON.stringify(row.mappings)
    this.#connection = connection
    this.#saveCounters = connection.prepare('UPDATE indices SET counters = ? WHERE id = ?')
    this.#saveAll = connection.prepare(
      'UPDATE indices SET counters = ?, settings = ?, mappings = ?, aliases = ? WHERE id = ?',
    )
  }

  get mapping(): ObjectMapping {
    return this.#mapping
  }

  set mapping(mapping: ObjectMapping) {
    if (mapping === this.#mapping) return
    this.#mapping = mapping
    this.#mappingText = JSON.stringify(describeMapping(mapping))
    this.isChanged = true
  }

  /** True where more than the counters must be saved. */
  isChanged = false

  /** Statements are prepared when the first document is touched: many indices may lie idle. */
  get table(): DocumentTable {
    this.#table ??= new DocumentTable(this.#connection, this.id)
    return this.#table
  }

  /** The name of one of its tables. */
  tableName(table: 'documents' | 'terms' | 'vocabulary'): string {
    return `${table}_${this.id}`
  }

  nextSeqNo(): number {
    return this.counters.nextSeqNo++
  }

  save(): void {
    const counters = JSON.stringify(this.counters)
    if (this.isChanged) {
      const [settings, aliases] = [JSON.stringify(this.settings), JSON.stringify(this.aliases)]
      this.#saveAll.run(counters, settings, this.#mappingText, aliases, this.id)
    } else this.#saveCounters.run(counters, this.id)
    this.isChanged = false
  }
}

export function readIndexRow(row: Readonly<Record<string, unknown>>): IndexRow {
  const object = (key: string): JsonObject => {
    const value: unknown = JSON.parse(String(row[key]))
    return isJsonObject(value) ? value : {}
  }
  return {
    id: Number(row['id']),
    name: String(row['name']),
    uuid: String(row['uuid']),
    createdMs: Number(row['created_ms']),
    settings: object('settings'),
    mappings: object('mappings'),
    aliases: object('aliases'),
    counters: { ...newCounters, ...object('counters') },
  }
}
