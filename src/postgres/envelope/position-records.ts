import type { SourceRecord } from '../../api/record.ts'
import { optional, primitiveSchema, structSchema, type Schema } from '../../api/schema.ts'
import { ValueStruct } from '../../api/struct.ts'
import type { ConnectValue } from '../../api/value.ts'
import type { LogicalMessage } from '../wire/pgoutput/logical-message.ts'
import { adjustSchemaName } from '../../api/adjust-name.ts'
import type { ChangePosition } from './change-position.ts'
import type { EnvelopeOptions } from './envelope-options.ts'
import { positionValue } from './position-text.ts'
import { CONNECTOR_VERSION } from './record-templates.ts'
import { SOURCE_SCHEMA, TIMESTAMP_SCHEMA, TRANSACTION_SCHEMA } from './relation-schemas.ts'
import { POSITION_FIELDS, type PositionField } from './slots.ts'

const TEXT = primitiveSchema('string')
const OPTIONAL_TEXT = optional(TEXT)
const INT64 = primitiveSchema('int64')

const COLLECTION_SCHEMA = structSchema(
  [
    { name: 'data_collection', schema: TEXT },
    { name: 'event_count', schema: INT64 },
  ],
  { name: 'event.collection', version: 1, optional: true },
)

/** Records that belong to no table: where transactions begin and end, heartbeats, messages of `pg_logical_emit_message`. */
export class PositionRecords {
  readonly #options: EnvelopeOptions
  readonly #position: ChangePosition
  readonly #schemas: ReturnType<typeof schemas>

  constructor(options: EnvelopeOptions, position: ChangePosition) {
    this.#options = options
    this.#position = position
    this.#schemas = schemas(options)
  }

  heartbeat(nowMs: number): SourceRecord {
    const { heartbeatKey, heartbeat } = this.#schemas
    const key = new ValueStruct(heartbeatKey, [this.#options.topicPrefix])
    return record(this.#options.topics.heartbeats, key, new ValueStruct(heartbeat, [BigInt(nowMs)]))
  }

  transactionBegin(): SourceRecord {
    return this.#transaction('BEGIN', null, null)
  }

  transactionEnd(counts: ReadonlyMap<string, number>): SourceRecord {
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
    const collections = [...counts].map(
      ([table, count]) => new ValueStruct(COLLECTION_SCHEMA, [table, BigInt(count)]),
    )
    return this.#transaction('END', BigInt(total), collections)
  }

  message(message: LogicalMessage): SourceRecord {
    const { messageKey, messageBlock, message: schema } = this.#schemas
    const position = this.#position
    const isCounted = this.#options.provideTransactionMetadata && message.isTransactional
    const value = new ValueStruct(schema, [
      'm',
      positionValue(position, 'ts_ms'),
      this.#source(message.isTransactional),
      isCounted ? this.#transactionBlock() : null,
      new ValueStruct(messageBlock, [message.prefix, this.#content(message.content)]),
    ])
    const topic = `${this.#options.topicPrefix}.message`
    return record(topic, new ValueStruct(messageKey, [message.prefix]), value)
  }

  #transaction(status: 'BEGIN' | 'END', count: bigint | null, collections: ConnectValue): SourceRecord {
    const { transactionKey, transaction } = this.#schemas
    const id = positionValue(this.#position, 'transaction.id')
    const timeMs = positionValue(this.#position, 'source.ts_ms')
    const value = new ValueStruct(transaction, [status, id, count, collections, timeMs])
    return record(this.#options.topics.transactions, new ValueStruct(transactionKey, [id]), value)
  }

  #transactionBlock(): ValueStruct {
    const fields = TRANSACTION_SCHEMA.fields!.map(({ name }) =>
      positionValue(this.#position, `transaction.${name}` as PositionField),
    )
    return new ValueStruct(TRANSACTION_SCHEMA, fields)
  }

  #source(isTransactional: boolean): ValueStruct {
    const constants: Readonly<Record<string, string>> = {
      version: CONNECTOR_VERSION,
      connector: 'postgresql',
      name: this.#options.topicPrefix,
      db: this.#options.database,
      schema: '',
      table: '',
    }
    const values = SOURCE_SCHEMA.fields!.map(({ name }) => {
      if (name === 'txId' && !isTransactional) return null
      const field = `source.${name}` as PositionField
      return POSITION_FIELDS.includes(field)
        ? positionValue(this.#position, field)
        : (constants[name] ?? null)
    })
    return new ValueStruct(SOURCE_SCHEMA, values)
  }

  #content(content: Buffer): ConnectValue {
    switch (this.#options.binaryHandlingMode) {
      case 'bytes':
        return content
      case 'hex':
        return content.toString('hex')
      case 'base64':
        return content.toString('base64')
      case 'base64-url-safe':
        return content.toString('base64').replaceAll('+', '-').replaceAll('/', '_')
    }
  }
}

function record(topic: string, key: ValueStruct, value: ValueStruct): SourceRecord {
  return {
    topic,
    partition: null,
    keySchema: key.schema,
    key,
    valueSchema: value.schema,
    value,
    timestamp: null,
    headers: [],
  }
}

function schemas(options: EnvelopeOptions) {
  const named = (name: string, fields: readonly (readonly [name: string, schema: Schema])[]): Schema =>
    structSchema(
      fields.map(([field, schema]) => ({ name: field, schema })),
      { name: adjustSchemaName(name, options.schemaNameAdjustmentMode), version: 1 },
    )
  const messageBlock = named('io.debezium.connector.postgresql.Message', [
    ['prefix', OPTIONAL_TEXT],
    [
      'content',
      primitiveSchema(options.binaryHandlingMode === 'bytes' ? 'bytes' : 'string', { optional: true }),
    ],
  ])
  return {
    heartbeatKey: named('io.debezium.connector.common.ServerNameKey', [['serverName', TEXT]]),
    heartbeat: named('io.debezium.connector.common.Heartbeat', [['ts_ms', INT64]]),
    transactionKey: named('io.debezium.connector.common.TransactionMetadataKey', [['id', TEXT]]),
    transaction: named('io.debezium.connector.common.TransactionMetadataValue', [
      ['status', TEXT],
      ['id', TEXT],
      ['event_count', TIMESTAMP_SCHEMA],
      ['data_collections', { type: 'array', optional: true, valueSchema: COLLECTION_SCHEMA }],
      ['ts_ms', INT64],
    ]),
    messageKey: named('io.debezium.connector.postgresql.MessageKey', [['prefix', OPTIONAL_TEXT]]),
    messageBlock,
    message: named('io.debezium.connector.postgresql.MessageValue', [
      ['op', TEXT],
      ['ts_ms', TIMESTAMP_SCHEMA],
      ['source', SOURCE_SCHEMA],
      ['transaction', TRANSACTION_SCHEMA],
      ['message', messageBlock],
    ]),
  }
}
