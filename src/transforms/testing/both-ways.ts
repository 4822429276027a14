import assert from 'node:assert/strict'
import type { Transformation } from '../../api/plugin.ts'
import type { ConnectRecord } from '../../api/record.ts'
import type { Schema } from '../../api/schema.ts'
import { isStruct, ValueStruct } from '../../api/struct.ts'
import type { RecordTemplate, Template } from '../../api/template.ts'
import type { ConnectValue } from '../../api/value.ts'

/** Whether a leaf is known beforehand, asked for each in turn. */
export type IsConstant = (leaf: number) => boolean

/**
 * Sends a record through a transformation, and its template, and holds the two results to each other. Answers whether
 * the transformation could work on the template at all; where it could not, nothing is compared.
 */
export function holdBothWays(
  transformation: Transformation,
  record: ConnectRecord,
  isConstant: IsConstant,
): 'compiled' | 'general' {
  const compiled = transformation.compile?.(recordTemplate(record, isConstant)) ?? null
  if (compiled === null) return 'general'
  assert.deepEqual(
    compiled === 'dropped' ? null : filledRecord(compiled),
    plainRecord(transformation.apply(record)),
  )
  return 'compiled'
}

/** The template of all records that look like this one. A null without a schema is no template. */
export function recordTemplate(record: ConnectRecord, isConstant: IsConstant): RecordTemplate {
  let leaves = 0
  const templateOf = (schema: Schema, value: ConnectValue): Template => {
    if (isStruct(value)) {
      const fields = value.schema.fields!.map((field, i) => templateOf(field.schema, value.at(i)))
      return { kind: 'struct', schema, fields }
    }
    return isConstant(leaves++)
      ? { kind: 'constant', schema, value }
      : { kind: 'slot', schema, slot: { value } }
  }
  return {
    topic: record.topic,
    key: record.keySchema && templateOf(record.keySchema, record.key),
    value: record.valueSchema && templateOf(record.valueSchema, record.value),
    headers: record.headers.flatMap(({ name, schema, value }) =>
      schema === null ? [] : [{ name, value: { kind: 'constant', schema, value } }],
    ),
  }
}

/** Fills a template's slots: what the source's emitter does in bytes. */
export function fill(template: Template): ConnectValue {
  switch (template.kind) {
    case 'constant':
      return template.value
    case 'slot': {
      const { value } = template.slot as { value: ConnectValue }
      return value === null && template.nullAsDefault ? (template.schema.default ?? null) : value
    }
    case 'struct':
      return new ValueStruct(template.schema, template.fields.map(fill))
  }
}

function filledRecord({ topic, key, value, headers }: RecordTemplate): unknown {
  return {
    topic,
    keySchema: key?.schema ?? null,
    key: key && plain(fill(key)),
    valueSchema: value?.schema ?? null,
    value: value && plain(fill(value)),
    headers: headers.map((header) => [header.name, header.value.schema, plain(fill(header.value))]),
  }
}

/** A record as plain data. */
export function plainRecord(record: ConnectRecord | null): unknown {
  if (record === null) return null
  const { topic, keySchema, key, valueSchema, value, headers } = record
  return {
    topic,
    keySchema,
    key: plain(key),
    valueSchema,
    value: plain(value),
    headers: headers.map((header) => [header.name, header.schema, plain(header.value)]),
  }
}

/** A value as plain data, in field order. */
export function plain(value: ConnectValue): unknown {
  if (!isStruct(value)) return value
  return value.schema.fields!.map((field, i) => [field.name, plain(value.at(i))])
}
