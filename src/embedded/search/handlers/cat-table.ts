import { type JsonObject, toText } from '../json/json-object.ts'
import { ok, type Answer } from '../http/api-request.ts'
import type { Parameters } from '../http/parameters.ts'
import { illegalArgument } from '../search-error.ts'
import { matchesWildcard } from '../text/wildcard.ts'

interface Column {
  readonly name: string
  readonly isRight: boolean
  readonly isHidden: boolean
}

type Row = ReadonlyMap<string, string>

/** A table of `_cat`. A column's name begins with `>` where it is aligned right, with `-` where it must be asked for. */
export class CatTable {
  readonly #columns: readonly Column[]
  readonly #rows: Row[] = []

  constructor(columns: readonly string[]) {
    this.#columns = columns.map((column) => ({
      name: column.replace(/^[>-]/, ''),
      isRight: column.startsWith('>'),
      isHidden: column.startsWith('-'),
    }))
  }

  add(...cells: readonly unknown[]): this {
    this.#rows.push(new Map(this.#columns.map(({ name }, position) => [name, toText(cells[position] ?? '')])))
    return this
  }

  answer(parameters: Parameters): Answer {
    const columns = this.#chosen(parameters.list('h'))
    const rows = this.#sorted(parameters.list('s') ?? [])
    const format = parameters.text('format') ?? 'text'
    if (format === 'json') return ok(rows.map((row) => toObject(columns, row)))
    if (format !== 'text' && format !== 'txt')
      throw illegalArgument(`format [${format}] is not supported, only [text] and [json]`)
    return { ...ok(writeText(columns, rows, parameters.flag('v'))), contentType: 'text/plain; charset=UTF-8' }
  }

  #chosen(names: readonly string[] | undefined): readonly Column[] {
    if (names === undefined) return this.#columns.filter(({ isHidden }) => !isHidden)
    return names.flatMap((pattern) => this.#columns.filter(({ name }) => matchesWildcard(pattern, name)))
  }

  /** By `name` or `name:desc`; numbers as numbers. */
  #sorted(keys: readonly string[]): readonly Row[] {
    return this.#rows.toSorted((a, b) => {
      for (const key of keys) {
        const [name = '', direction] = key.split(':')
        const order = (a.get(name) ?? '').localeCompare(b.get(name) ?? '', 'en', { numeric: true })
        if (order !== 0) return direction === 'desc' ? -order : order
      }
      return 0
    })
  }
}

function toObject(columns: readonly Column[], row: Row): JsonObject {
  return Object.fromEntries(columns.map(({ name }) => [name, row.get(name)]))
}

function writeText(columns: readonly Column[], rows: readonly Row[], hasHeader: boolean): string {
  const lines = rows.map((row) => columns.map(({ name }) => row.get(name) ?? ''))
  if (hasHeader) lines.unshift(columns.map(({ name }) => name))
  const widths = columns.map((_, position) => Math.max(...lines.map((line) => line[position]!.length)))
  return lines
    .map((line) => line.map((cell, position) => pad(cell, widths[position]!, columns[position]!)).join(' '))
    .map((line) => `${line.trimEnd()}\n`)
    .join('')
}

function pad(cell: string, width: number, { isRight }: Column): string {
  return isRight ? cell.padStart(width) : cell.padEnd(width)
}
