import type { ConfigDef, ConnectorConfig } from './config-def.ts'
import type { Preflight } from './preflight.ts'
import type { ConnectRecord, Header, JsonObject, JsonValue } from './record.ts'
import type { EncodedHeader } from './record-batch.ts'
import type { Reindexer } from './reindexing.ts'
import type { Schema } from './schema.ts'
import type { SinkTask } from './sink-task.ts'
import type { SourceTask, SourceTaskContext, TaskLogger } from './source-task.ts'
import type { TaskTracing } from './tracing.ts'
import type { JsonRendering, RecordTemplate, Template } from './template.ts'
import type { ConnectValue } from './value.ts'
import type { DocumentReader, TableReader } from './verification.ts'

/** What every plugin says of itself. A plugin module exports one object of these types. */
interface PluginBase {
  /** The Java class name that configurations use, for example `org.apache.kafka.connect.json.JsonConverter`. */
  readonly className: string
  readonly version: string
  readonly configDef: ConfigDef
}

interface ConnectorPluginBase extends PluginBase {
  /**
   * Checks what the options cannot say one by one: their combinations, and the world outside (connects to the server).
   * Called only when no option has an error of its own. Answers one issue for each problem, attached to an option.
   */
  validate?(config: ConnectorConfig, signal: AbortSignal): Promise<readonly ConfigIssue[]>
  /** For `tailrace doctor`. */
  loadPreflight?(): Promise<Preflight>
  /**
   * Whether it reads a property that is none of its options, because part of the name is free: `column.mask.with.5.chars`.
   * Of a property that nobody reads the log tells.
   */
  readsProperty?(name: string, config: ConnectorConfig): boolean
  /**
   * Looks at offsets that somebody sets from outside; null: forgets. Throws `ConnectError` for one that its tasks could not go on
   * from. A connector that has this vouches for them, and the REST API's answer says so.
   */
  checkOffsets?(config: ConnectorConfig, offsets: readonly OffsetChange[]): void
  /** One configuration a task; at most `maxTasks`. A task's own `tasks.auto.restart.*` count more than its connector's. */
  taskConfigs(config: ConnectorConfig, maxTasks: number): readonly ConnectorConfig[]
}

/** An offset to set, as it was posted: the partition may be missing. A null offset forgets the partition's. */
export interface OffsetChange {
  readonly partition: JsonObject | null
  readonly offset: JsonObject | null
}

export interface ConfigIssue {
  readonly option: string
  readonly message: string
}

export interface SourceConnectorPlugin extends ConnectorPluginBase {
  readonly type: 'source'
  /** Loads the task's code. Called in the thread that runs the task, so that other threads stay small. */
  loadTask(): Promise<() => SourceTask>
  /** What there is to capture, for who chooses. Connects; throws `ConfigError` where the options do not suffice. */
  listTables?(config: ConnectorConfig, signal: AbortSignal): Promise<readonly CapturableTable[]>
  /** For `tailrace verify`. Opening connects. */
  loadTableReader?(): Promise<(config: ConnectorConfig, context: SourceTaskContext) => Promise<TableReader>>
}

export interface SinkConnectorPlugin extends ConnectorPluginBase {
  readonly type: 'sink'
  loadTask(): Promise<() => SinkTask>
  /** For `tailrace verify`. Opening throws `ConfigError` where the options make documents that are not rows. */
  loadDocumentReader?(): Promise<(config: ConnectorConfig, context: VerificationContext) => DocumentReader>
  /** For who wants to see what the sink has written. */
  loadDocumentSearch?(): Promise<(config: ConnectorConfig, context: VerificationContext) => DocumentSearch>
  /** For `tailrace reindex`. @param suffix what the names of new indices have behind those of the old ones */
  loadReindexer?(): Promise<
    (config: ConnectorConfig, context: VerificationContext & { readonly suffix: string }) => Reindexer
  >
}

export interface VerificationContext {
  readonly log: TaskLogger
  readonly signal: AbortSignal
}

/** A table that a source could capture. */
export interface CapturableTable {
  readonly schema: string
  readonly table: string
  /** As the statistics have it; -1 where nobody knows. */
  readonly estimatedRows: number
  readonly bytes: number
  readonly hasPrimaryKey: boolean
}

/** Searches what a sink has written. */
export interface DocumentSearch {
  /** The index that the records of a topic go to now. */
  indexOf(topic: string): string
  search(query: DocumentQuery): Promise<FoundDocuments>
  close(): void
}

export interface DocumentQuery {
  readonly index: string
  /** Lucene's query language; empty: all documents. */
  readonly query: string
  readonly from: number
  readonly size: number
}

export interface FoundDocuments {
  readonly total: number
  readonly documents: readonly { readonly id: string; readonly index: string; readonly source: JsonValue }[]
}

export type ConnectorPlugin = SourceConnectorPlugin | SinkConnectorPlugin

export interface ConverterPlugin extends PluginBase {
  readonly type: 'converter'
  /** @param config the options with their prefix (`value.converter.`) taken away */
  create(config: ConnectorConfig, role: 'key' | 'value' | 'header'): Converter
}

export interface HeaderConverterPlugin extends PluginBase {
  readonly type: 'header_converter'
  create(config: ConnectorConfig): HeaderConverter
}

export interface TransformationPlugin extends PluginBase {
  readonly type: 'transformation'
  create(config: ConnectorConfig, context?: TransformationContext): Transformation
}

/** What the runtime gives to transformations that do more than change records. */
export interface TransformationContext {
  readonly log: TaskLogger
  /** Null: nobody looks at traces. */
  readonly tracing: TaskTracing | null
}

export interface PredicatePlugin extends PluginBase {
  readonly type: 'predicate'
  create(config: ConnectorConfig): Predicate
}

export type Plugin =
  ConnectorPlugin | ConverterPlugin | HeaderConverterPlugin | TransformationPlugin | PredicatePlugin

export interface SchemaAndValue {
  readonly schema: Schema | null
  readonly value: ConnectValue
}

/** The half of a converter that writes. */
export type RecordWriter = Pick<Converter, 'fromConnectData' | 'prepareToWrite'>

/** Data <-> bytes. Stateless but for caches; used by one task in one thread. Throws `DataError` for bad data. */
export interface Converter {
  /** Null bytes are a null key or value. */
  fromConnectData(topic: string, schema: Schema | null, value: ConnectValue): Uint8Array | null
  toConnectData(topic: string, bytes: Uint8Array | null): SchemaAndValue
  /**
   * Called before `fromConnectData`, where that needs something from elsewhere: an id for a schema that is new. Null
   * when nothing is missing, which is the rule; so the way of a record stays synchronous. A `DataError` is about this
   * record; whatever else it rejects with fails the task, for no record can be converted then.
   */
  prepareToWrite?(topic: string, schema: Schema | null, value: ConnectValue): Promise<void> | null
  /** What writes a record with these headers, in place of this: for converters that look at them too. */
  forHeaders?(headers: readonly EncodedHeader[]): RecordWriter
  /** The same before `toConnectData`: the schema of an id that is new. */
  prepareToRead?(topic: string, bytes: Uint8Array | null): Promise<void> | null
  /**
   * How this converter would write records of a template, or null where only `fromConnectData` can. Both ways must give
   * identical bytes.
   */
  compile?(topic: string, template: Template): JsonRendering | null
  /** True: `toConnectData` is plain JSON parsing, so a sink that wants JSON may take the bytes as they are. */
  readonly isPlainJson?: boolean
  /** True: `toConnectData` refuses nothing, so that nobody has to try it first. */
  readonly readsAnything?: boolean
}

export interface HeaderConverter {
  fromConnectHeader(topic: string, header: Header): Uint8Array | null
  toConnectHeader(topic: string, name: string, bytes: Uint8Array | null): SchemaAndValue
  /** True: `toConnectHeader` refuses nothing, so that nobody has to try it first. */
  readonly readsAnything?: boolean
}

/** One step of a transformation chain. */
export interface Transformation {
  /**
   * Called before `apply`, where that needs something from elsewhere. Null when nothing is missing, which is the rule; so
   * the way of a record stays synchronous. What it rejects with, but for a `DataError`, fails the task.
   */
  prepare?(record: ConnectRecord): Promise<void> | null
  /** The same before `compile`. */
  prepareToCompile?(template: RecordTemplate): Promise<void> | null
  /** The record to go on with, the same or a new one, or null to drop it. Throws `DataError`. */
  apply<R extends ConnectRecord>(record: R): R | null
  /**
   * The same for a template: the template to go on with, `dropped`, or null where it cannot be said before the row is
   * known. Both ways must give identical records.
   */
  compile?(template: RecordTemplate): RecordTemplate | 'dropped' | null
  close?(): void
}

export interface Predicate {
  test(record: ConnectRecord): boolean
  /** The answer where it is the same for all records of a template; null where it depends on the row. */
  compile?(template: RecordTemplate): boolean | null
}
