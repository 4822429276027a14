import { ConfigError, DataError } from '../../api/errors.ts'
import { fieldIndex, type Schema } from '../../api/schema.ts'
import type { Struct } from '../../api/struct.ts'
import type { StructTemplate, Template } from '../../api/template.ts'
import type { ConnectValue } from '../../api/value.ts'
import { fieldValue, nullAsDefault } from '../null-as-default.ts'
import { requireMapOrNull, requireStructOrNull, type ConnectMap } from '../requirements.ts'

const PURPOSE = 'nested field access'

/** The way to a field of structs in structs, or of maps in maps: `a.b`, and with dots in names `` `a.b`.c ``. */
export class FieldPath {
  readonly #holders: readonly string[]
  readonly #last: string

  /** @param version V1 takes the text as one name. Throws `ConfigError` for backticks that do not end. */
  constructor(text: string, version: 'V1' | 'V2') {
    const steps = version === 'V1' ? [text] : splitPath(text)
    this.#last = steps.at(-1) ?? ''
    this.#holders = steps.slice(0, -1)
  }

  /** The schema of the field, or null where there is none. Throws `DataError` where something else than a struct should hold it. */
  schemaIn(schema: Schema): Schema | null {
    let current: Schema | undefined = schema
    for (const step of [...this.#holders, this.#last]) {
      if (current.fields === undefined) {
        throw new DataError('connect.data-invalid', 'Cannot look up fields on non-struct type')
      }
      current = current.fields.find((field) => field.name === step)?.schema
      if (current === undefined) return null
    }
    return current
  }

  /** Null where the field, or what should hold it, is not there. Nulls on the way there are always read as defaults. */
  valueIn(struct: Struct, replacesNull: boolean): ConnectValue {
    let current = struct
    for (const step of this.#holders) {
      const index = fieldIndex(current.schema, step)
      if (index < 0) return null
      const { schema } = current.schema.fields![index]!
      const next = requireStructOrNull(schema, fieldValue(current, index, true), PURPOSE)
      if (next === null) return null
      current = next
    }
    const index = fieldIndex(current.schema, this.#last)
    return index < 0 ? null : fieldValue(current, index, replacesNull)
  }

  valueInMap(map: ConnectMap): ConnectValue {
    let current = map
    for (const step of this.#holders) {
      const next = requireMapOrNull(current.get(step) ?? null, PURPOSE)
      if (next === null) return null
      current = next
    }
    return current.get(this.#last) ?? null
  }

  /** The field's template; null where only the record can tell. `schema` is the field's. */
  templateIn(struct: StructTemplate, schema: Schema, replacesNull: boolean): Template | null {
    let current = struct
    for (const step of this.#holders) {
      const found = current.fields[fieldIndex(current.schema, step)]
      const next = found && nullAsDefault(found)
      if (next?.kind === 'constant' && next.value === null) return { kind: 'constant', schema, value: null }
      if (next?.kind !== 'struct') return null
      current = next
    }
    const field = current.fields[fieldIndex(current.schema, this.#last)]
    if (field === undefined) return null
    return replacesNull ? nullAsDefault(field) : field
  }
}

/** The second syntax: dots part names; a name in backticks may hold dots, and backticks after a backslash. */
function splitPath(path: string): readonly string[] {
  const steps: string[] = []
  let at = 0
  while (at < path.length) {
    if (path[at] === '`') {
      const { name, end } = quotedName(path, at)
      steps.push(name)
      at = end
    } else {
      const dot = path.indexOf('.', at)
      const end = dot < 0 ? path.length : dot
      steps.push(path.slice(at, end))
      at = end + 1
    }
  }
  if (path.endsWith('.')) steps.push('')
  return steps
}

/** The name between the backtick at `start` and the one that ends the path or stands before a dot. */
function quotedName(path: string, start: number): { readonly name: string; readonly end: number } {
  let name = ''
  let from = start + 1
  for (let at = path.indexOf('`', from); at >= 0; at = path.indexOf('`', at + 1)) {
    const isEscaped = path[at - 1] === '\\'
    const isLast = at === path.length - 1
    if (isLast && isEscaped) break
    if (!isLast && path[at + 1] !== '.') continue
    if (!isEscaped) return { name: name + path.slice(from, at), end: at + (isLast ? 1 : 2) }
    name += `${path.slice(from, at - 1)}\``
    from = at + 1
  }
  throw new ConfigError(
    'connect.config-invalid',
    `Incomplete backtick pair in path: [${path}], consider adding a backslash before backtick at position ${start} to escape it`,
  )
}
