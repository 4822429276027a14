import type { JsonObject } from '../json/json-object.ts'
import type { Analyzer } from '../text/standard-analyzer.ts'
import type { FieldOptions, FieldType } from './field-type.ts'
import type { DocValue } from './doc-value.ts'

export type Dynamic = 'true' | 'false' | 'strict' | 'runtime'

/** A field with a value: what its mapping says, compiled. */
export interface FieldMapping extends FieldOptions {
  readonly kind: 'field'
  readonly path: string
  readonly type: FieldType
  /** As given, `type` and `fields` among them: what `_mapping` shows. */
  readonly definition: JsonObject
  /** The same value, searched otherwise: `name.keyword` beside `name`. */
  readonly subFields: ReadonlyMap<string, FieldMapping>
  /** Begins every term of this field in the full-text index. */
  readonly termPrefix: string
  readonly isIndexed: boolean
  readonly ignoreMalformed: boolean
  /** Longer values of a keyword are kept, not indexed. */
  readonly ignoreAbove: number
  readonly nullValue: DocValue | undefined
  readonly analyzer: Analyzer
  readonly searchAnalyzer: Analyzer
}

/** An object, or the document itself. */
export interface ObjectMapping {
  readonly kind: 'object'
  readonly path: string
  /** `nested` objects are searched as plain ones. */
  readonly isNested: boolean
  /** False: kept, not looked into. */
  readonly isEnabled: boolean
  /** Undefined: as the object above. */
  readonly dynamic: Dynamic | undefined
  readonly properties: ReadonlyMap<string, FieldMapping | ObjectMapping>
  /** What else the mapping says, shown again: `_meta`, `date_detection`, ... */
  readonly extra: JsonObject
}

export const emptyMapping: ObjectMapping = {
  kind: 'object',
  path: '',
  isNested: false,
  isEnabled: true,
  dynamic: undefined,
  properties: new Map(),
  extra: {},
}

/** Null, and what a number field takes for it: the empty string. */
export function isAbsent(field: FieldMapping, value: unknown): boolean {
  return value === null || (value === '' && field.type.family === 'number' && field.coerce)
}

/** A field with the path of its values in the source: `name` for `name.keyword` too. */
export interface FoundField {
  readonly field: FieldMapping
  readonly sourcePath: string
}

/** Finds the field of a query; undefined where none is mapped, or an object is. */
export function findField(mapping: ObjectMapping, path: string): FoundField | undefined {
  let node: FieldMapping | ObjectMapping = mapping
  for (const name of path.split('.')) {
    if (node.kind === 'field') {
      const sub: FieldMapping | undefined = node.subFields.get(name)
      if (sub === undefined || sub.path !== path) return undefined
      return { field: sub, sourcePath: node.path }
    }
    const child: FieldMapping | ObjectMapping | undefined = node.properties.get(name)
    if (child === undefined) return undefined
    node = child
  }
  return node.kind === 'field' ? { field: node, sourcePath: path } : undefined
}

/** All fields with a value, sub-fields included. */
export function* allFields(node: ObjectMapping | FieldMapping, parentPath = ''): Generator<FoundField> {
  if (node.kind === 'object') {
    for (const child of node.properties.values()) yield* allFields(child)
    return
  }
  yield { field: node, sourcePath: parentPath || node.path }
  for (const sub of node.subFields.values()) yield* allFields(sub, node.path)
}

export function findObject(mapping: ObjectMapping, path: string): ObjectMapping | undefined {
  let node: FieldMapping | ObjectMapping | undefined = mapping
  for (const name of path.split('.')) node = node?.kind === 'object' ? node.properties.get(name) : undefined
  return node?.kind === 'object' ? node : undefined
}

function sorted(map: ReadonlyMap<string, FieldMapping | ObjectMapping>): JsonObject {
  const names = [...map.keys()].sort()
  return Object.fromEntries(names.map((name) => [name, describeMapping(map.get(name)!)]))
}

/** As `GET _mapping` shows it. */
export function describeMapping(node: ObjectMapping | FieldMapping): JsonObject {
  if (node.kind === 'field') return node.definition
  const isPlain = node.properties.size > 0 || node.path === ''
  return {
    ...(node.isNested ? { type: 'nested' } : isPlain ? {} : { type: 'object' }),
    ...(node.dynamic === undefined ? {} : { dynamic: node.dynamic }),
    ...(node.isEnabled ? {} : { enabled: false }),
    ...node.extra,
    ...(node.properties.size === 0 ? {} : { properties: sorted(node.properties) }),
  }
}
