import { DataError } from '../../../api/errors.ts'
import { readJson } from '../../../api/json/json-reader.ts'
import type { ConnectValue } from '../../../api/value.ts'
import type { ResolvedSchema } from '../schema-format.ts'

/** A schema within a document, against which its `$ref` counts. */
export interface SchemaNode {
  readonly document: ReadonlyMap<string, ConnectValue>
  readonly attributes: ReadonlyMap<string, ConnectValue>
}

/** More steps from one `$ref` to the next than anyone writes. */
const MOST_STEPS = 100

/** A JSON schema with those that it refers to. Throws `DataError` for what is no schema. */
export class JsonSchemaDocuments {
  readonly root: SchemaNode
  /** By name and by `$id`. */
  readonly #documents = new Map<string, ReadonlyMap<string, ConnectValue>>()

  constructor({ text, referenced }: Pick<ResolvedSchema, 'text' | 'referenced'>) {
    for (const [name, other] of referenced) {
      const document = parsed(other)
      this.#documents.set(name, document)
      const id = document.get('$id')
      if (typeof id === 'string') this.#documents.set(id, document)
    }
    const document = parsed(text)
    this.root = { document, attributes: document }
  }

  /** The schema itself, or the one that its `$ref` leads to. */
  resolve(node: SchemaNode): SchemaNode {
    let current = node
    for (let steps = 0; steps < MOST_STEPS; steps++) {
      const reference = current.attributes.get('$ref')
      if (typeof reference !== 'string') return current
      current = this.#follow(current, reference)
    }
    throw unreadable('a $ref leads in a circle')
  }

  /** The schema and those that it is `allOf`, resolved. */
  allParts(node: SchemaNode, depth = 0): readonly SchemaNode[] {
    if (depth > MOST_STEPS) throw unreadable('allOf leads in a circle')
    const resolved = this.resolve(node)
    const all = resolved.attributes.get('allOf')
    if (!Array.isArray(all)) return [resolved]
    const parts = (all as readonly ConnectValue[]).flatMap((part) =>
      part instanceof Map
        ? this.allParts(
            { document: resolved.document, attributes: part as ReadonlyMap<string, ConnectValue> },
            depth + 1,
          )
        : [],
    )
    return [resolved, ...parts]
  }

  #follow({ document }: SchemaNode, reference: string): SchemaNode {
    const [name, pointer = ''] = reference.split('#', 2)
    const target = name === '' || name === document.get('$id') ? document : this.#documents.get(name!)
    if (target === undefined) throw unreadable(`"$ref":"${reference}" is not among its references`)
    let place: ConnectValue = target
    for (const part of pointer.split('/').slice(1)) {
      const key = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')
      place = place instanceof Map ? ((place as ReadonlyMap<string, ConnectValue>).get(key) ?? null) : null
    }
    if (!(place instanceof Map)) throw unreadable(`"$ref":"${reference}" leads nowhere`)
    return { document: target, attributes: place as ReadonlyMap<string, ConnectValue> }
  }
}

function parsed(text: string): ReadonlyMap<string, ConnectValue> {
  const json = readJson(Buffer.from(text), 0, Buffer.byteLength(text), { fractions: 'decimal' })
  if (json instanceof Map) return json as ReadonlyMap<string, ConnectValue>
  throw unreadable('it is no object')
}

function unreadable(reason: string): DataError {
  return new DataError('registry.schema-unsupported', `The JSON schema cannot be read: ${reason}`)
}
