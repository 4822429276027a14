import { ConfigDef, validators, type ConnectorConfig, type OptionDefinitions } from '../../api/config-def.ts'
import { ConfigError, DataError } from '../../api/errors.ts'
import { JavaPattern, javaPatternProblem } from '../../api/java/java-pattern.ts'
import type { Transformation, TransformationPlugin } from '../../api/plugin.ts'
import type { ConnectRecord } from '../../api/record.ts'
import { structSchema, type Schema } from '../../api/schema.ts'
import { isStruct, ValueStruct } from '../../api/struct.ts'
import type { RecordTemplate, Template } from '../../api/template.ts'
import type { ConnectValue } from '../../api/value.ts'
import { isEnvelope } from '../../api/envelope-schema.ts'
import { valueRequired } from '../option-validators.ts'
import { fieldValue, nullAsDefault } from '../null-as-default.ts'
import { PerSchema } from '../rebuilt-schema.ts'
import { requireStruct } from '../requirements.ts'

const PURPOSE = 'Updating schema'
const ROW_FIELDS: ReadonlySet<string> = new Set(['before', 'after'])

const configDef = new ConfigDef({
  'topic.regex': {
    type: 'STRING',
    width: 'LONG',
    missingProblem: valueRequired('topic.regex'),
    importance: 'LOW',
    displayName: 'Topic regex',
    documentation: 'A regular expression in Java notation that matches the topics to bring together.',
    validator: javaPatternProblem,
  },
  'topic.replacement': {
    type: 'STRING',
    width: 'LONG',
    missingProblem: valueRequired('topic.replacement'),
    importance: 'LOW',
    displayName: 'Topic replacement',
    documentation: 'The name of their common topic; $1 or ${name} stand for groups of the expression.',
    validator: validators.nonEmpty(),
  },
  'key.enforce.uniqueness': {
    type: 'BOOLEAN',
    default: true,
    width: 'SHORT',
    importance: 'LOW',
    displayName: 'Add source topic name into key',
    documentation:
      'Whether keys get a field that names the table, so that equal keys of two tables stay apart.',
  },
  'key.field.regex': {
    type: 'STRING',
    default: null,
    width: 'LONG',
    importance: 'LOW',
    displayName: 'Key field regex',
    documentation:
      'A regular expression that makes, of the topic, what that field holds; else it is the topic.',
    validator: javaPatternProblem,
  },
  'key.field.replacement': {
    type: 'STRING',
    default: null,
    width: 'LONG',
    importance: 'LOW',
    displayName: 'Key field replacement',
    documentation: 'What key.field.regex makes of a topic that it matches.',
  },
  'logical.destination.cache.size': {
    type: 'INT',
    default: 16,
    width: 'LONG',
    importance: 'LOW',
    displayName: 'Logical destination cache size',
    documentation: 'Accepted, and without effect: schemas are kept as long as their tables have them.',
  },
} as const satisfies OptionDefinitions)

/** Debezium's router of several physical tables into one topic, with keys and schema names to match. */
class LogicalTopicRouter implements Transformation {
  readonly #topic: { readonly pattern: JavaPattern; readonly replacement: string }
  readonly #identifier: { readonly pattern: JavaPattern; readonly replacement: string } | null
  readonly #keyField: string | null
  readonly #adjusts: boolean
  /** By the topic that a schema goes to, which is the same for all records of a schema. */
  readonly #keys = new Map<string, PerSchema<Schema>>()
  readonly #envelopes = new Map<string, PerSchema<Schema>>()

  constructor(config: ConnectorConfig, defaultKeyField: string) {
    const parsed = configDef.parse(config)
    this.#topic = {
      pattern: new JavaPattern(parsed['topic.regex']),
      replacement: parsed['topic.replacement'],
    }
    this.#keyField = parsed['key.enforce.uniqueness'] ? (config['key.field.name'] ?? defaultKeyField) : null
    this.#identifier = identifierRule(parsed['key.field.regex'], parsed['key.field.replacement'])
    this.#adjusts = adjustsNames(config)
  }

  apply<R extends ConnectRecord>(record: R): R {
    const topic = this.#newTopic(record.topic)
    if (topic === null) return record
    const key = this.#key(record, topic)
    const { valueSchema, value } = record
    if (value === null || !isEnvelope(valueSchema)) {
      return { ...record, topic, keySchema: key?.schema ?? null, key }
    }
    const envelope = requireStruct(valueSchema, value, PURPOSE)
    const schema = this.#envelopeSchema(envelope.schema, topic)
    const values = envelope.schema.fields!.map(({ name }, index) => {
      const field = fieldValue(envelope, index, true)
      return ROW_FIELDS.has(name) ? withSchema(field, schema.fields![index]!.schema) : field
    })
    const moved = new ValueStruct(schema, values)
    return { ...record, topic, keySchema: key?.schema ?? null, key, valueSchema: schema, value: moved }
  }

  compile(record: RecordTemplate): RecordTemplate | null {
    try {
      const topic = this.#newTopic(record.topic)
      return topic === null ? record : this.#compileMoved(record, topic)
    } catch (error) {
      // Each record is to fail with it.
      if (error instanceof DataError) return null
      throw error
    }
  }

  #compileMoved(record: RecordTemplate, topic: string): RecordTemplate | null {
    const key = record.key === null || isConstantNull(record.key) ? null : this.#compileKey(record, topic)
    if (key === undefined) return null
    const { value } = record
    if (value === null || isConstantNull(value) || !isEnvelope(value.schema)) return { ...record, topic, key }
    if (value.kind !== 'struct') return null
    const schema = this.#envelopeSchema(value.schema, topic)
    const fields: Template[] = []
    for (const [index, field] of value.fields.entries()) {
      if (!ROW_FIELDS.has(value.schema.fields![index]!.name)) fields.push(nullAsDefault(field))
      else if (field.kind === 'slot') return null
      else fields.push({ ...field, schema: schema.fields![index]!.schema })
    }
    return { ...record, topic, key, value: { kind: 'struct', schema, fields } }
  }

  /** Undefined: it cannot be said beforehand. */
  #compileKey({ key, topic: oldTopic }: RecordTemplate, topic: string): Template | undefined {
    if (key?.kind !== 'struct') return undefined
    const schema = this.#keySchema(key.schema, topic)
    const identifier = this.#identifierOf(oldTopic)
    const added: Template = {
      kind: 'constant',
      schema: { type: 'string', optional: false },
      value: identifier,
    }
    return { kind: 'struct', schema, fields: this.#keyField === null ? key.fields : [...key.fields, added] }
  }

  #key({ keySchema, key, topic: oldTopic }: ConnectRecord, topic: string): ValueStruct | null {
    // A table without a primary key.
    if (key === null) return null
    const struct = requireStruct(keySchema, key, PURPOSE)
    const values: ConnectValue[] = struct.schema.fields!.map((_, index) => struct.at(index))
    if (this.#keyField !== null) values.push(this.#identifierOf(oldTopic))
    return new ValueStruct(this.#keySchema(struct.schema, topic), values)
  }

  #newTopic(topic: string): string | null {
    const { pattern, replacement } = this.#topic
    return pattern.matches(topic) ? pattern.replaceFirst(topic, replacement) || null : null
  }

  #identifierOf(topic: string): string {
    const rule = this.#identifier
    return rule?.pattern.matches(topic) ? rule.pattern.replaceFirst(topic, rule.replacement) : topic
  }

  #keySchema(schema: Schema, topic: string): Schema {
    return perTopic(this.#keys, topic, (schema) => {
      const added = { name: this.#keyField ?? '', schema: { type: 'string', optional: false } as const }
      const fields = this.#keyField === null ? schema.fields! : [...schema.fields!, added]
      return renamed(schema, this.#name(`${topic}.Key`), fields)
    }).get(schema)
  }

  #envelopeSchema(schema: Schema, topic: string): Schema {
    return perTopic(this.#envelopes, topic, (schema) => {
      const row = schema.fields!.find(({ name }) => ROW_FIELDS.has(name))?.schema
      const newRow = row && renamed(row, this.#name(`${topic}.Value`), row.fields!)
      const fields = schema.fields!.map((field) =>
        newRow !== undefined && ROW_FIELDS.has(field.name) ? { ...field, schema: newRow } : field,
      )
      return renamed(schema, this.#name(`${topic}.Envelope`), fields)
    }).get(schema)
  }

  #name(name: string): string {
    return this.#adjusts ? name.replaceAll(/^[^A-Za-z_]|[^A-Za-z0-9_.]/g, '_') : name
  }
}

function identifierRule(regex: string | null, replacement: string | null) {
  if (regex === null || regex.trim() === '') return null
  if (replacement !== null && replacement.trim() !== '') {
    return { pattern: new JavaPattern(regex), replacement }
  }
  throw new ConfigError(
    'connect.config-invalid',
    'key.field.replacement must be non-empty if key.field.regex is set.',
  )
}

function adjustsNames(config: ConnectorConfig): boolean {
  const mode = config['schema.name.adjustment.mode']?.trim().toLowerCase() ?? 'none'
  if (mode === 'none' || mode === 'avro') return mode === 'avro'
  throw new ConfigError(
    'connect.config-invalid',
    `Invalid value ${mode} for configuration schema.name.adjustment.mode: Value must be one of none, avro`,
  )
}

function perTopic(
  kept: Map<string, PerSchema<Schema>>,
  topic: string,
  make: (schema: Schema) => Schema,
): PerSchema<Schema> {
  let schemas = kept.get(topic)
  if (schemas === undefined) kept.set(topic, (schemas = new PerSchema(make)))
  return schemas
}

function renamed(schema: Schema, name: string, fields: NonNullable<Schema['fields']>): Schema {
  const { default: _, ...rest } = schema
  return structSchema(fields, { ...rest, name })
}

function withSchema(value: ConnectValue, schema: Schema): ConnectValue {
  if (!isStruct(value)) return value
  return new ValueStruct(
    schema,
    schema.fields!.map((_, index) => value.at(index)),
  )
}

function isConstantNull(template: Template): boolean {
  return template.kind === 'constant' && template.value === null
}

function plugin(className: string, keyField: string): TransformationPlugin {
  return {
    type: 'transformation',
    className: `io.debezium.transforms.${className}`,
    version: '3.7.0.Final',
    configDef,
    create: (config) => new LogicalTopicRouter(config, keyField),
  }
}

/** The older name, with another default name of the field in the key. */
export const byLogicalTableRouter = plugin('ByLogicalTableRouter', '__dbz__physicalTableIdentifier')
export const toLogicalTopicRouter = plugin('ToLogicalTopicRouter', '__dbz__sourceIdentifier')
