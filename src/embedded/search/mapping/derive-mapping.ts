import { isJsonObject, type JsonObject, toText } from '../json/json-object.ts'
import { RawJson, writeJson } from '../json/raw-json.ts'
import { illegalArgument, type SearchError } from '../search-error.ts'
import { DateFormat } from './date-format.ts'
import { documentError, type RefusedDocument } from './document-error.ts'
import { findObject, type Dynamic, type ObjectMapping } from './mapping.ts'

const METADATA = new Set([
  '_id',
  '_index',
  '_source',
  '_routing',
  '_type',
  '_version',
  '_seq_no',
  '_ignored',
  '_field_names',
  '_size',
  '_doc_count',
  '_nested_path',
  '_tier',
  '_feature',
])

const KEYWORD_SUB_FIELD = { keyword: { type: 'keyword', ignore_above: 256 } }

const isoDate = new DateFormat('strict_date_optional_time')
const SLASH_FORMAT = 'yyyy/MM/dd HH:mm:ss||yyyy/MM/dd||epoch_millis'
const slashDate = new DateFormat('yyyy/MM/dd HH:mm:ss Z||yyyy/MM/dd HH:mm:ss||yyyy/MM/dd')

/** The fields that a document brings along, as the definition that `PUT _mapping` would take. */
export function deriveMapping(
  mapping: ObjectMapping,
  source: JsonObject,
  document: RefusedDocument,
): JsonObject {
  return new Derivation(mapping, document).run(source)
}

interface Properties {
  [name: string]: Definition
}

interface Definition {
  readonly type?: string
  readonly properties?: Properties
}

class Derivation {
  readonly #mapping: ObjectMapping
  readonly #document: RefusedDocument
  readonly #detectsDates: boolean
  readonly #at: (string | number)[] = []

  constructor(mapping: ObjectMapping, document: RefusedDocument) {
    this.#mapping = mapping
    this.#document = document
    this.#detectsDates = toText(mapping.extra['date_detection'] ?? true) !== 'false'
  }

  run(source: JsonObject): JsonObject {
    const properties = emptyProperties()
    this.#object(source, { into: properties, mapping: this.#mapping, path: '', dynamic: 'true' })
    return { properties }
  }

  /** Adds what `source` has and `mapping`, the object at `path` if there is one, has not. */
  #object(
    source: JsonObject,
    target: { into: Properties; mapping: ObjectMapping | undefined; path: string; dynamic: Dynamic },
  ): void {
    const { into, mapping, path } = target
    const dynamic = mapping?.dynamic ?? target.dynamic
    if (mapping?.isEnabled === false) return
    for (const [key, value] of Object.entries(source)) {
      this.#at.push(key)
      this.#checkName(key, path)
      const child = mapping?.properties.get(key)
      if (child === undefined && key.includes('.')) {
        const [first = '', ...rest] = key.split('.')
        this.#value({ ...target, dynamic }, first, Object.fromEntries([[rest.join('.'), value]]))
      } else if (child?.kind !== 'field' && (child !== undefined || dynamic === 'true')) {
        this.#value({ into, mapping, path, dynamic }, key, value)
      }
      this.#at.pop()
    }
  }

  #value(
    parent: { into: Properties; mapping: ObjectMapping | undefined; path: string; dynamic: Dynamic },
    key: string,
    value: unknown,
  ): void {
    const { into, path, dynamic } = parent
    if (Array.isArray(value)) {
      for (const item of value) this.#value(parent, key, item)
      return
    }
    const childPath = path === '' ? key : `${path}.${key}`
    const mapped = parent.mapping?.properties.get(key)
    if (isJsonObject(value) && !(value instanceof RawJson)) {
      if (mapped?.kind === 'field') return
      const before = Object.hasOwn(into, key) ? into[key]! : { properties: emptyProperties() }
      if (before.properties === undefined) throw changedType(childPath, before.type ?? '', 'ObjectMapper')
      const inner = findObject(this.#mapping, childPath)
      this.#object(value, { into: before.properties, mapping: inner, path: childPath, dynamic })
      into[key] = before
    } else if (value !== null && mapped === undefined && dynamic === 'true')
      this.#leaf(into, key, { path: childPath, value })
  }

  #leaf(into: Properties, key: string, { path, value }: { path: string; value: unknown }): void {
    const derived = this.#derive(value)
    const before = Object.hasOwn(into, key) ? into[key]! : undefined
    if (before !== undefined && before.type !== derived.type) {
      throw changedType(path, before.type ?? 'ObjectMapper', derived.type ?? '')
    }
    into[key] = derived
  }

  #derive(value: unknown): Definition {
    if (value instanceof RawJson || typeof value === 'number') {
      return { type: /[.eE]/.test(writeJson(value)) ? 'float' : 'long' }
    }
    if (typeof value === 'boolean') return { type: 'boolean' }
    const text = String(value)
    if (this.#detectsDates && /[-:/]/.test(text) && text.length < 64) {
      if (isoDate.parse(text) !== undefined) return { type: 'date' }
      if (slashDate.parse(text) !== undefined) return { type: 'date', format: SLASH_FORMAT } as Definition
    }
    return { type: 'text', fields: KEYWORD_SUB_FIELD } as Definition
  }

  #checkName(name: string, parent: string): void {
    const fail = (reason: string): SearchError => documentError(this.#document.text, [], reason)
    if (name === '') throw fail('failed to parse: field name cannot be an empty string')
    if (name.trim() === '') throw fail(`Field name cannot contain only whitespace: [${name}]`)
    if (/^\.|\.\.|\.$/.test(name) || name.split('.').some((part) => part.trim() === '')) {
      throw fail(`failed to parse: field name cannot contain only whitespace: ['${name}']`)
    }
    if (parent === '' && METADATA.has(name)) {
      const reason = `Field [${name}] is a metadata field and cannot be added inside a document. Use the index API request parameters.`
      throw documentError(this.#document.text, this.#at, reason)
    }
  }
}

/** Without a prototype: a field may be called `__proto__`. */
function emptyProperties(): Properties {
  return Object.create(null) as Properties
}

function changedType(path: string, from: string, to: string): SearchError {
  return illegalArgument(`mapper [${path}] cannot be changed from type [${from}] to [${to}]`)
}
