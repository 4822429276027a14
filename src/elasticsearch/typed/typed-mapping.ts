import type { Schema } from '../../api/schema.ts'
import { typedColumn, type Engine } from './typed-columns.ts'

/** The properties of a mapping, by field. */
export type Properties = Readonly<Record<string, Property>>
export type Property = Readonly<Record<string, unknown>>

const KEYWORD_BESIDE = { keyword: { type: 'keyword', ignore_above: 256 } }
const PRIMITIVES = {
  int8: 'byte',
  int16: 'short',
  int32: 'integer',
  int64: 'long',
  float: 'float',
  double: 'double',
  boolean: 'boolean',
  bytes: 'binary',
} as const

/** The properties that a row's columns ask for, from their types. Columns of JSON of any shape are left to the server. */
export function typedProperties(row: Schema, engine: Engine): Properties {
  const entries = (row.fields ?? []).map((field) => [field.name, propertyOf(field.schema, engine)] as const)
  return Object.fromEntries(entries.filter((entry): entry is [string, Property] => entry[1] !== null))
}

function propertyOf(schema: Schema, engine: Engine): Property | null {
  const typed = typedColumn(schema, engine)
  if (typed !== null) return typed.mapping as Property
  switch (schema.type) {
    case 'struct':
      return { properties: typedProperties(schema, engine) }
    case 'array':
      return schema.valueSchema === undefined ? null : propertyOf(schema.valueSchema, engine)
    case 'map':
      return null
    case 'string':
      return schema.name === undefined || !schema.name.startsWith('io.tailrace.')
        ? { type: 'text', fields: KEYWORD_BESIDE }
        : null
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
    case 'float':
    case 'double':
    case 'boolean':
    case 'bytes':
      return { type: PRIMITIVES[schema.type] }
  }
}

/** How many fields of a mapping's limit these take. */
export function countFields(properties: Properties): number {
  let count = 0
  for (const { properties: inner, fields } of Object.values(properties)) {
    count += 1 + Object.keys((fields as object | undefined) ?? {}).length
    if (inner !== undefined) count += countFields(inner as Properties)
  }
  return count
}

export interface LimitedMapping {
  readonly properties: Properties
  readonly dynamic?: false
}

/** What comes nearest to types that a server was built without. */
const NEAREST: Readonly<Record<string, Property>> = {
  scaled_float: { type: 'double' },
  flattened: { type: 'object' },
  flat_object: { type: 'object' },
  dense_vector: { type: 'float' },
  geo_point: { type: 'object', enabled: false },
}

/** The same properties for a server that does not have a type; null: nothing comes near it. */
export function withoutType(properties: Properties, type: string): Properties | null {
  const nearest = NEAREST[type]
  if (nearest === undefined) return null
  const entries = Object.entries(properties).map(([name, property]) => {
    if (property['type'] === type) return [name, nearest]
    const inner = property['properties'] as Properties | undefined
    return [name, inner === undefined ? property : { ...property, properties: withoutType(inner, type)! }]
  })
  return Object.fromEntries(entries) as Properties
}

/**
 * At most so many fields: without the keywords beside texts if that is enough, else with the first columns only; the
 * others are kept in documents and not indexed (`dynamic: false`).
 */
export function limitedMapping(properties: Properties, most: number): LimitedMapping {
  if (countFields(properties) <= most) return { properties }
  const plain = Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [name, plainProperty(property)]),
  )
  if (countFields(plain) <= most) return { properties: plain }
  const kept: Record<string, Property> = {}
  let count = 0
  for (const [name, property] of Object.entries(plain)) {
    count += countFields({ [name]: property })
    if (count > most) break
    kept[name] = property
  }
  return { properties: kept, dynamic: false }
}

function plainProperty(property: Property): Property {
  const plain = Object.fromEntries(Object.entries(property).filter(([name]) => name !== 'fields'))
  const { properties } = property
  if (properties === undefined) return plain
  const inner = Object.entries(properties as Properties).map(([name, one]) => [name, plainProperty(one)])
  return { ...plain, properties: Object.fromEntries(inner) }
}
