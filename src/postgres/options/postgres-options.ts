import { ConfigDef, type ConnectorConfig } from '../../api/config-def.ts'
import type { TopicNames } from '../envelope/topic-names.ts'
import { metricTags, type MetricTags } from '../metric-tags.ts'
import { columnFilter, nameFilter, tableFilter } from './capture-filter.ts'
import { columnRules, type ColumnRules } from './column-rules.ts'
import { connectionDefinitions } from './connection-definitions.ts'
import { filterDefinitions } from './filter-definitions.ts'
import { formDefinitions } from './form-definitions.ts'
import { messageKeys, type MessageKeys } from './message-keys.ts'
import { replicaIdentities, type WantedIdentity } from './replica-identities.ts'
import { replicationDefinitions } from './replication-definitions.ts'
import { snapshotDefinitions } from './snapshot-definitions.ts'
import { milliseconds } from './milliseconds.ts'
import { reselectOptions, type ReselectOptions } from './reselect-options.ts'
import { snapshotOptions, type SnapshotOptions } from './snapshot-options.ts'
import { parseStreamParameters } from './stream-parameters.ts'
import { topicDefinitions } from './topic-definitions.ts'
import { topicNaming } from './topic-naming.ts'
import { valueDefinitions } from './value-definitions.ts'
import { flowDefinitions } from './flow-definitions.ts'
import { signalOptions, type SignalOptions } from './signal-options.ts'

/** The words that an option accepts. */
type Choice<K extends keyof typeof postgresOptionDefinitions> =
  (typeof postgresOptionDefinitions)[K] extends { readonly allowed: readonly (infer T)[] } ? T : never

export type SslMode = Choice<'database.sslmode'>
export type PublicationAutocreateMode = Choice<'publication.autocreate.mode'>
export type DecimalHandlingMode = Choice<'decimal.handling.mode'>
export type TimePrecisionMode = Choice<'time.precision.mode'>
export type IntervalHandlingMode = Choice<'interval.handling.mode'>
export type BinaryHandlingMode = Choice<'binary.handling.mode'>
export type HstoreHandlingMode = Choice<'hstore.handling.mode'>
export type NameAdjustmentMode = Choice<'field.name.adjustment.mode'>
/** An operation of the envelope that can be left out. */
export type SkippableOperation = 'c' | 'u' | 'd' | 't'

/** Also for 0, which the reference's check lets through and which would read nothing. */
const DEFAULT_CHUNK_SIZE = 1024
/** A megabyte less the row that reaches it: its buffer has a megabyte, and would be doubled for that one row. */
const MOST_BATCH_BYTES = 1024 * 1024 - 64 * 1024

export interface SslOptions {
  readonly mode: SslMode
  /** Paths of PEM files, or null. */
  readonly caFile: string | null
  readonly certFile: string | null
  readonly keyFile: string | null
  readonly keyPassword: string | null
}

/** What a connector's configuration says, in the terms of this room. */
export interface PostgresOptions extends SnapshotOptions {
  readonly hostname: string
  readonly port: number
  readonly user: string
  readonly password: string | null
  readonly database: string
  readonly ssl: SslOptions
  readonly tcpKeepAlive: boolean
  /** SQL to run on each new SQL connection, never on the replication connection. */
  readonly initialStatements: readonly string[]
  readonly validationTimeoutMs: number
  /** For statements on the catalog; 0: no limit. */
  readonly queryTimeoutMs: number

  readonly slotName: string
  readonly slotDropOnStop: boolean
  readonly slotFailover: boolean
  /** More options for pgoutput, as pairs of name and value. */
  readonly slotStreamParams: readonly (readonly [name: string, value: string])[]
  readonly slotMaxRetries: number
  readonly slotRetryDelayMs: number
  readonly publicationName: string
  readonly publicationAutocreateMode: PublicationAutocreateMode
  readonly publishViaPartitionRoot: boolean
  replicaIdentity(schema: string, table: string): WantedIdentity | null
  readonly statusUpdateIntervalMs: number
  /** The server is told what is durable: `lsn.flush.mode`. */
  readonly isAcknowledging: boolean
  /** Where the slot is beyond the offset, to go on there: `offset.mismatch.strategy`. */
  readonly isSlotTrusted: boolean
  readonly xminFetchIntervalMs: number
  readonly silenceTimeoutMs: number
  /** 0: never, as for the next one. */
  readonly walGuardWarnBytes: number
  readonly walGuardMaxBytes: number
  /** So far behind, WAL is read by SQL; 0: never. */
  readonly catchUpBytes: bigint

  readonly topicPrefix: string
  readonly topics: TopicNames
  isTableIncluded(schema: string, table: string): boolean
  isColumnIncluded(schema: string, table: string, column: string): boolean
  readonly columnRule: ColumnRules
  /** 0: no bound. */
  readonly tablesMax: number
  readonly tablesMaxAction: Choice<'guardrail.collections.limit.action'>
  readonly messageKey: MessageKeys
  readonly skippedOperations: ReadonlySet<SkippableOperation>

  readonly decimalHandlingMode: DecimalHandlingMode
  readonly moneyFractionDigits: number
  readonly timePrecisionMode: TimePrecisionMode
  readonly intervalHandlingMode: IntervalHandlingMode
  readonly binaryHandlingMode: BinaryHandlingMode
  readonly hstoreHandlingMode: HstoreHandlingMode
  readonly numericForm: Choice<'value.numeric.form'>
  readonly timeForm: Choice<'value.time.form'>
  readonly jsonForm: Choice<'value.json.form'>
  readonly hstoreForm: Choice<'value.hstore.form'>
  readonly compositeForm: Choice<'value.composite.form'>
  readonly arrayForm: Choice<'value.array.form'>
  readonly generatedColumns: Choice<'generated.columns'>
  readonly unchangedValuesHeader: boolean
  readonly convertingFailureMode: Choice<'event.converting.failure.handling.mode'>
  readonly processingFailureMode: Choice<'event.processing.failure.handling.mode'>
  readonly includeUnknownDatatypes: boolean
  readonly includeSchemaComments: boolean
  /** What stands for a value that PostgreSQL did not send; bytes, because it may be given in hexadecimal. */
  readonly unavailableValuePlaceholder: Buffer
  readonly schemaNameAdjustmentMode: NameAdjustmentMode
  readonly fieldNameAdjustmentMode: NameAdjustmentMode
  readonly tombstonesOnDelete: boolean
  /** Null: nothing is read again. */
  readonly reselect: ReselectOptions | null
  readonly skipMessagesWithoutChange: boolean
  readonly provideTransactionMetadata: boolean
  /** `message.prefix.include.list` and its opposite. */
  isMessageIncluded(prefix: string): boolean
  /** 0: never. */
  readonly heartbeatIntervalMs: number
  readonly heartbeatActionQuery: string | null
  readonly extendedHeadersEnabled: boolean
  readonly signals: SignalOptions
  readonly incremental: {
    readonly chunkSize: number
    readonly watermarking: Choice<'incremental.snapshot.watermarking.strategy'>
  }
  /** `read.only`: nothing is written, not even watermarks. */
  readonly isReadOnly: boolean
  /** The size at which a batch is handed over, whether it is asked for or not: until then, reading stops. */
  readonly batchBytes: number
  readonly metricTags: MetricTags
  /** Metrics have the least, the most, the average and quantiles of lags. */
  readonly hasLagStatistics: boolean
  readonly notifications: { readonly channels: ReadonlySet<string>; readonly topic: string | null }
}

/** Every option of the connector, in the order in which `validate` shows them. */
export const postgresOptionDefinitions = {
  ...connectionDefinitions,
  ...replicationDefinitions,
  ...filterDefinitions,
  ...valueDefinitions,
  ...formDefinitions,
  ...snapshotDefinitions,
  ...topicDefinitions,
  ...flowDefinitions,
} as const

const OPERATIONS: readonly string[] = ['c', 'u', 'd', 't'] satisfies SkippableOperation[]

/**
 * The options of a configuration that was validated before. Throws `ConfigError` with every problem otherwise.
 */
export function parsePostgresOptions(posted: ConnectorConfig): PostgresOptions {
  // Null is the same as not set: Debezium takes its default then.
  const config = Object.fromEntries(Object.entries(posted).filter(([, value]) => value !== null))
  const options = new ConfigDef(postgresOptionDefinitions).parse(config)
  /** The definitions have checked which words there are; they may be written in any case. */
  const choice = <K extends keyof typeof options>(name: K): Choice<K> =>
    String(options[name]).toLowerCase() as Choice<K>
  return {
    ...snapshotOptions(config),
    hostname: options['database.hostname'] ?? '',
    port: options['database.port'],
    user: options['database.user'] ?? '',
    password: options['database.password'],
    database: options['database.dbname'] ?? '',
    ssl: {
      mode: choice('database.sslmode'),
      caFile: options['database.sslrootcert'],
      certFile: options['database.sslcert'],
      keyFile: options['database.sslkey'],
      keyPassword: options['database.sslpassword'],
    },
    tcpKeepAlive: options['database.tcpKeepAlive'],
    initialStatements: splitStatements(options['database.initial.statements'] ?? ''),
    validationTimeoutMs: milliseconds(options['connection.validation.timeout.ms']),
    queryTimeoutMs: options['database.query.timeout.ms'],

    slotName: options['slot.name'],
    slotDropOnStop: options['slot.drop.on.stop'],
    slotFailover: options['slot.failover'],
    slotStreamParams: parseStreamParameters(options['slot.stream.params'] ?? ''),
    slotMaxRetries: options['slot.max.retries'],
    slotRetryDelayMs: milliseconds(options['slot.retry.delay.ms']),
    publicationName: options['publication.name'],
    publicationAutocreateMode: choice('publication.autocreate.mode'),
    publishViaPartitionRoot: options['publish.via.partition.root'],
    replicaIdentity: replicaIdentities(options['replica.identity.autoset.values'] ?? ''),
    statusUpdateIntervalMs: options['status.update.interval.ms'],
    isAcknowledging: isAcknowledging(options['lsn.flush.mode'], options['flush.lsn.source']),
    isSlotTrusted: ['trust_slot', 'trust_greater_lsn'].includes(choice('offset.mismatch.strategy')),
    xminFetchIntervalMs: milliseconds(options['xmin.fetch.interval.ms']),
    silenceTimeoutMs: options['connection.silence.timeout.ms'],
    walGuardWarnBytes: Number(options['wal.guard.warn.bytes']),
    walGuardMaxBytes: Number(options['wal.guard.max.bytes']),
    catchUpBytes: options['catch.up.threshold.bytes'],

    topicPrefix: options['topic.prefix'] ?? '',
    topics: topicNaming(config),
    isTableIncluded: tableFilter(config),
    isColumnIncluded: columnFilter(config),
    columnRule: columnRules(config),
    tablesMax: options['guardrail.collections.max'],
    tablesMaxAction: choice('guardrail.collections.limit.action'),
    messageKey: messageKeys(options['message.key.columns'] ?? ''),
    skippedOperations: new Set(
      options['skipped.operations']
        .map((operation) => operation.trim())
        .filter((operation): operation is SkippableOperation => OPERATIONS.includes(operation)),
    ),

    decimalHandlingMode: choice('decimal.handling.mode'),
    moneyFractionDigits: options['money.fraction.digits'],
    timePrecisionMode: choice('time.precision.mode'),
    intervalHandlingMode: choice('interval.handling.mode'),
    binaryHandlingMode: choice('binary.handling.mode'),
    hstoreHandlingMode: choice('hstore.handling.mode'),
    numericForm: choice('value.numeric.form'),
    timeForm: choice('value.time.form'),
    jsonForm: choice('value.json.form'),
    hstoreForm: choice('value.hstore.form'),
    compositeForm: choice('value.composite.form'),
    arrayForm: choice('value.array.form'),
    generatedColumns: choice('generated.columns'),
    unchangedValuesHeader: options['unchanged.values.header'],
    convertingFailureMode: choice('event.converting.failure.handling.mode'),
    processingFailureMode: choice('event.processing.failure.handling.mode'),
    includeUnknownDatatypes: options['include.unknown.datatypes'],
    includeSchemaComments: options['include.schema.comments'],
    unavailableValuePlaceholder: placeholderBytes(options['unavailable.value.placeholder']),
    schemaNameAdjustmentMode: choice('schema.name.adjustment.mode'),
    fieldNameAdjustmentMode: choice('field.name.adjustment.mode'),
    tombstonesOnDelete: options['tombstones.on.delete'],
    reselect: reselectOptions(config),
    skipMessagesWithoutChange: options['skip.messages.without.change'],
    provideTransactionMetadata: options['provide.transaction.metadata'],
    isMessageIncluded: nameFilter(config, 'message.prefix'),
    heartbeatIntervalMs: options['heartbeat.interval.ms'],
    heartbeatActionQuery: options['heartbeat.action.query']?.trim() || null,
    extendedHeadersEnabled: options['extended.headers.enabled'],
    signals: signalOptions(config, options),
    incremental: {
      chunkSize: options['incremental.snapshot.chunk.size'] || DEFAULT_CHUNK_SIZE,
      watermarking: choice('incremental.snapshot.watermarking.strategy'),
    },
    isReadOnly: /^\s*true\s*$/i.test(config['read.only'] ?? ''),
    batchBytes: batchBytes(options['max.queue.size.in.bytes']),
    metricTags: metricTags(options['custom.metric.tags'] ?? []),
    hasLagStatistics: options['statistics.metrics.enabled'],
    notifications: {
      channels: new Set(options['notification.enabled.channels']?.map((channel) => channel.trim())),
      topic: options['notification.sink.topic.name'],
    },
  }
}

/** `SET a = 1; SET b = ';;'` is two statements: two semicolons stand for one. */
function splitStatements(text: string): readonly string[] {
  return text
    .split(/(?<!;);(?!;)/)
    .map((statement) => statement.replaceAll(';;', ';').trim())
    .filter((statement) => statement !== '')
}

/** About a megabyte, unless the queue is to be smaller. */
function batchBytes(queueBytes: bigint): number {
  return queueBytes > 0n && queueBytes < MOST_BATCH_BYTES ? Number(queueBytes) : MOST_BATCH_BYTES
}

/** The old name counts where the new one is not set. */
function isAcknowledging(mode: string | null, flushSource: boolean): boolean {
  return mode === null ? flushSource : mode.toLowerCase() !== 'manual'
}

function placeholderBytes(text: string): Buffer {
  return text.startsWith('hex:') ? Buffer.from(text.slice(4), 'hex') : Buffer.from(text)
}
