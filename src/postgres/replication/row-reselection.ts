import type { Relation } from '../catalog/relation.ts'
import type { ReselectOptions } from '../options/reselect-options.ts'
import type { SourceSession } from '../source-session.ts'
import { quoteIdentifier, quoteLiteral, quoteTable } from '../wire/sql-text.ts'
import { NULL_COLUMN, type Tuple, UNCHANGED_TOAST } from '../wire/tuple.ts'
import type { ControlConnection } from './control-connection.ts'

/** Values of columns, by their places. */
export type ColumnTexts = ReadonlyMap<number, string | null>

const NOTHING: readonly number[] = []

/** Reads values again that a change does not have, by the row's key: as they are now, not as they were. */
export class RowReselection {
  readonly #session: SourceSession
  readonly #control: ControlConnection
  readonly #options: ReselectOptions
  /** The columns that may be read again, by relation version. */
  readonly #candidates = new WeakMap<Relation, readonly number[]>()

  constructor(session: SourceSession, control: ControlConnection, options: ReselectOptions) {
    this.#session = session
    this.#control = control
    this.#options = options
  }

  /** The columns of a row that are to be read; empty for most rows. @param old the old row, where all of it is there */
  missing(relation: Relation, row: Tuple, old: Tuple | null): readonly number[] {
    const { unavailableValues, nullValues } = this.#options
    let missing: number[] | null = null
    for (const index of this.#candidatesOf(relation)) {
      const start = row.starts[index]!
      const isMissing =
        start === UNCHANGED_TOAST
          ? unavailableValues && (old === null || old.starts[index] === UNCHANGED_TOAST)
          : start === NULL_COLUMN && nullValues
      if (isMissing) (missing ??= []).push(index)
    }
    if (missing === null || relation.keyColumns.some((index) => row.starts[index]! < 0)) return NOTHING
    return missing
  }

  /** Empty where the row is not there any more, or where reading failed and that is to be put up with. */
  async select(relation: Relation, row: Tuple, columns: readonly number[]): Promise<ColumnTexts> {
    const { schema, table } = relation
    const name = (index: number): string => quoteIdentifier(relation.columns[index]!.name)
    // Made before anything is waited for: the row's bytes are good only now.
    const key = relation.keyColumns.map((index) => `${name(index)} = ${quoteLiteral(row.text(index)!)}`)
    const list = columns.map((index, place) => `${name(index)}::text as c${place}`)
    const sql = `select ${list.join(', ')} from ${quoteTable(schema, table)} where ${key.join(' and ')}`
    try {
      const connection = await this.#control.get()
      const [found] = await connection.query(sql, `Reading values of ${quoteTable(schema, table)} again`)
      if (found === undefined) return new Map()
      return new Map(columns.map((index, place) => [index, found[`c${place}`] ?? null]))
    } catch (error) {
      if (this.#options.isFailing || this.#session.signal.aborted) throw error
      this.#session.context.log.warn({ schema, table, err: error }, 'values could not be read again')
      return new Map()
    }
  }

  #candidatesOf(relation: Relation): readonly number[] {
    const known = this.#candidates.get(relation)
    if (known !== undefined) return known
    const { schema, table, keyColumns } = relation
    const columns = relation.columns.flatMap(({ name }, index) =>
      !keyColumns.includes(index) && this.#options.isColumnSelected(schema, table, name) ? [index] : [],
    )
    const candidates = keyColumns.length === 0 ? NOTHING : columns
    this.#candidates.set(relation, candidates)
    return candidates
  }
}

/** Puts values into a row, which gets bytes of its own. */
export function setColumns(row: Tuple, texts: ColumnTexts): void {
  if (texts.size === 0) return
  const kept = row.copy()
  const parts = [kept.bytes]
  let end = kept.bytes.length
  row.starts.set(kept.starts)
  row.ends.set(kept.ends)
  for (const [index, text] of texts) {
    const bytes = Buffer.from(text ?? '')
    parts.push(bytes)
    row.starts[index] = text === null ? NULL_COLUMN : end
    row.ends[index] = text === null ? NULL_COLUMN : (end += bytes.length)
  }
  row.bytes = Buffer.concat(parts)
  row.plain = null
}
