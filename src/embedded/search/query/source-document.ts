import { isJsonObject, type JsonObject } from '../json/json-object.ts'
import { parseForIndexing } from '../json/exact-json.ts'
import { UnfitValueError, type DocValue } from '../mapping/doc-value.ts'
import { isAbsent, type FoundField } from '../mapping/mapping.ts'

const NO_VALUES: readonly never[] = []

/** A document while it is judged: its source is parsed when the first clause looks into it. */
export class SourceDocument {
  readonly rowId: number
  readonly id: string
  readonly text: string
  #source: JsonObject | undefined
  /** Of the fields that several clauses look at. */
  #tokens: Map<string, readonly (readonly string[])[]> | undefined

  constructor(rowId: number, id: string, text: string) {
    this.rowId = rowId
    this.id = id
    this.text = text
  }

  get source(): JsonObject {
    this.#source ??= parseForIndexing(this.text) as JsonObject
    return this.#source
  }

  /** The tokens of each value of a text field. */
  tokens(found: FoundField): readonly (readonly string[])[] {
    let tokens = this.#tokens?.get(found.field.path)
    if (tokens === undefined) {
      tokens = this.values(found).map((value) => found.field.analyzer(String(value)))
      this.#tokens ??= new Map()
      this.#tokens.set(found.field.path, tokens)
    }
    return tokens
  }

  /** All values of a field, arrays opened, as the mapping reads them. */
  values({ field, sourcePath }: FoundField): readonly DocValue[] {
    const raw = rawValues(this.source, sourcePath)
    if (raw.length === 0) return NO_VALUES
    const values: DocValue[] = []
    for (const value of raw) {
      const read = readValue(value, { field, sourcePath })
      if (read !== undefined) values.push(read)
    }
    return values
  }
}

function readValue(value: unknown, { field }: FoundField): DocValue | undefined {
  if (isAbsent(field, value)) return field.nullValue
  try {
    const read = field.type.read(value, field)
    return String(read).length > field.ignoreAbove ? undefined : read
  } catch (error) {
    // It came before its field was mapped, or `ignore_malformed` let it in: it is kept, not searched.
    if (error instanceof UnfitValueError) return undefined
    throw error
  }
}

/** What stands at a dotted path: in objects in arrays too, and under keys that have dots themselves. */
export function rawValues(source: JsonObject, path: string): readonly unknown[] {
  // Nearly every path is one plain key.
  const direct = Object.hasOwn(source, path) ? source[path] : undefined
  if (!path.includes('.'))
    return direct === undefined ? NO_VALUES : Array.isArray(direct) ? direct.flat(Infinity) : [direct]
  const found: unknown[] = []
  collect(source, path.split('.'), found)
  return found
}

function collect(node: unknown, path: readonly string[], found: unknown[]): void {
  if (Array.isArray(node)) {
    for (const item of node) collect(item, path, found)
  } else if (path.length === 0) {
    found.push(node)
  } else if (isJsonObject(node)) {
    for (let length = 1; length <= path.length; length++) {
      const key = path.slice(0, length).join('.')
      if (Object.hasOwn(node, key)) collect(node[key], path.slice(length), found)
    }
  }
}
