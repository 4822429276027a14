import { isJsonObject, type JsonObject } from '../json/json-object.ts'
import { tokenTerm, valueTerm } from '../text/index-term.ts'
import { documentError, strictMappingError, unfitValueError, type RefusedDocument } from './document-error.ts'
import { UnfitValueError } from './doc-value.ts'
import { isAbsent, type Dynamic, type FieldMapping, type ObjectMapping } from './mapping.ts'

export interface DocumentTerms {
  /** The terms of the full-text index, parted by spaces. */
  readonly terms: string
  /** True where a field was met that dynamic mapping must add first. */
  readonly hasUnmapped: boolean
}

/** Checks a document against the mapping and gives its terms. */
export function collectTerms(
  mapping: ObjectMapping,
  source: JsonObject,
  document: RefusedDocument,
): DocumentTerms {
  const collector = new TermCollector(document)
  collector.object(mapping, source, 'true')
  return collector
}

class TermCollector implements DocumentTerms {
  terms = ''
  hasUnmapped = false
  readonly #document: RefusedDocument
  /** Keys and positions down to the value at hand; only an error reads it. */
  readonly #at: (string | number)[] = []

  constructor(document: RefusedDocument) {
    this.#document = document
  }

  object(mapping: ObjectMapping, source: JsonObject, inherited: Dynamic): void {
    if (!mapping.isEnabled) return
    const dynamic = mapping.dynamic ?? inherited
    for (const key of Object.keys(source)) {
      this.#at.push(key)
      const child = mapping.properties.get(key)
      if (child === undefined && key.includes('.'))
        this.#dottedKey(mapping, key, { value: source[key], dynamic })
      else this.#child(mapping, child, { key, value: source[key], dynamic })
      this.#at.pop()
    }
  }

  /** `{"a.b": 1}` is `{"a": {"b": 1}}`. */
  #dottedKey(
    mapping: ObjectMapping,
    key: string,
    { value, dynamic }: { value: unknown; dynamic: Dynamic },
  ): void {
    let parent = mapping
    let inner = dynamic
    const names = key.split('.')
    for (const name of names.slice(0, -1)) {
      const next = parent.properties.get(name)
      if (next?.kind !== 'object') {
        this.#child(parent, next, { key: name, value: {}, dynamic: inner })
        return
      }
      parent = next
      inner = next.dynamic ?? inner
    }
    const last = names.at(-1)!
    this.#child(parent, parent.properties.get(last), { key: last, value, dynamic: inner })
  }

  #child(
    parent: ObjectMapping,
    child: FieldMapping | ObjectMapping | undefined,
    { key, value, dynamic }: { key: string; value: unknown; dynamic: Dynamic },
  ): void {
    if (child === undefined) {
      if (dynamic === 'strict') {
        throw strictMappingError(this.#document.text, this.#at, { name: key, parent: parent.path })
      }
      if (dynamic === 'true') this.hasUnmapped ||= needsMapping(value)
      return
    }
    if (child.kind === 'object') this.#objectValue(child, value, dynamic)
    else this.#fieldValue(child, value)
  }

  #objectValue(mapping: ObjectMapping, value: unknown, dynamic: Dynamic): void {
    if (!mapping.isEnabled || value === null) return
    if (Array.isArray(value)) this.#items(value, (item) => this.#objectValue(mapping, item, dynamic))
    else if (isJsonObject(value)) this.object(mapping, value, dynamic)
    else {
      const reason = `object mapping for [${mapping.path}] tried to parse field [${mapping.path}] as object, but found a concrete value`
      throw documentError(this.#document.text, this.#at, reason)
    }
  }

  #fieldValue(field: FieldMapping, value: unknown): void {
    if (Array.isArray(value)) {
      this.#items(value, (item) => this.#fieldValue(field, item))
      return
    }
    this.#addTerms(field, value)
    for (const sub of field.subFields.values()) this.#fieldValue(sub, value)
  }

  #items(items: readonly unknown[], visit: (item: unknown) => void): void {
    for (const [index, item] of items.entries()) {
      this.#at.push(index)
      visit(item)
      this.#at.pop()
    }
  }

  #addTerms(field: FieldMapping, value: unknown): void {
    const isNull = isAbsent(field, value)
    if (isNull && field.nullValue === undefined) return
    try {
      const read = isNull ? field.nullValue! : field.type.read(value, field)
      if (!field.isIndexed) return
      if (field.type.family === 'text') {
        for (const token of field.analyzer(String(read)))
          this.terms += ` ${tokenTerm(field.termPrefix, token)}`
      } else if (String(read).length <= field.ignoreAbove) {
        this.terms += ` ${valueTerm(field.termPrefix, termText(read))}`
      }
    } catch (error) {
      if (!(error instanceof UnfitValueError)) throw error
      if (!field.ignoreMalformed)
        throw unfitValueError(this.#document, this.#at, { field, value, cause: error })
    }
  }
}

/** One text for one value: integers beyond 2^53 share theirs with their neighbours, which the source tells apart. */
export function termText(value: unknown): string {
  return typeof value === 'bigint' ? String(Number(value)) : String(value === 0 ? 0 : value)
}

function needsMapping(value: unknown): boolean {
  return Array.isArray(value) ? value.some(needsMapping) : value !== null
}
