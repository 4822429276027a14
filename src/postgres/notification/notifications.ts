import { randomUUID } from 'node:crypto'
import { primitiveSchema, type Schema, structSchema } from '../../api/schema.ts'
import { ValueStruct } from '../../api/struct.ts'
import type { SourceTaskContext } from '../../api/source-task.ts'
import type { SourceBatchBuilder } from '../envelope/source-batch-builder.ts'
import type { PostgresOptions } from '../options/postgres-options.ts'

const TEXT = primitiveSchema('string')
const KEY_SCHEMA = structSchema([{ name: 'id', schema: TEXT }], {
  name: 'io.debezium.connector.common.NotificationKey',
  version: 1,
})
const DATA_SCHEMA: Schema = { type: 'map', keySchema: TEXT, valueSchema: TEXT, optional: true }
const VALUE_SCHEMA = structSchema(
  [
    { name: 'id', schema: TEXT },
    { name: 'type', schema: TEXT },
    { name: 'aggregate_type', schema: TEXT },
    { name: 'additional_data', schema: DATA_SCHEMA },
    { name: 'timestamp', schema: primitiveSchema('int64') },
  ],
  { name: 'io.debezium.connector.common.Notification', version: 1 },
)

type Details = Readonly<Record<string, string>>
type Aggregate = 'Initial Snapshot' | 'Incremental Snapshot'
type Key = readonly (string | null)[]

/**
 * Tells how snapshots get on, in the words of Debezium: as records of a topic, between those of the snapshot, and in the
 * log. The order of the details is that of the reference, which a hash table gives.
 */
export class Notifications {
  readonly #options: Pick<PostgresOptions, 'notifications' | 'topicPrefix'>
  readonly #context: SourceTaskContext
  readonly #batch: SourceBatchBuilder
  readonly #topic: string | null
  readonly #isLogged: boolean

  constructor(
    options: Pick<PostgresOptions, 'notifications' | 'topicPrefix'>,
    context: SourceTaskContext,
    batch: SourceBatchBuilder,
  ) {
    const { channels, topic } = options.notifications
    this.#options = options
    this.#context = context
    this.#batch = batch
    this.#topic = channels.has('sink') ? topic : null
    this.#isLogged = channels.has('log')
    const others = [...channels].filter((channel) => channel !== 'sink' && channel !== 'log')
    if (others.length > 0)
      context.log.warn(
        { channels: others },
        'notification channels that have no effect here: sink and log have',
      )
  }

  get isEnabled(): boolean {
    return this.#topic !== null || this.#isLogged
  }

  snapshotStarted(): void {
    this.#initial('STARTED', this.#connector)
  }

  snapshotTablesResolved(tables: readonly string[]): void {
    this.#initial('DATA_COLLECTIONS_RESOLVED', { ...this.#connector, data_collections: tables.join(',') })
  }

  snapshotTableInProgress(table: string, tables: readonly string[]): void {
    this.#initial('IN_PROGRESS', {
      current_collection_in_progress: table,
      ...this.#connector,
      data_collections: tables.join(','),
    })
  }

  snapshotTableCompleted(table: string, tables: readonly string[], rows: number): void {
    this.#initial('TABLE_SCAN_COMPLETED', {
      scanned_collection: table,
      ...this.#connector,
      total_rows_scanned: String(rows),
      data_collections: tables.join(','),
      status: 'SUCCEEDED',
    })
  }

  snapshotCompleted(): void {
    this.#initial('COMPLETED', this.#connector)
  }

  snapshotAborted(): void {
    this.#initial('ABORTED', this.#connector)
  }

  snapshotSkipped(): void {
    this.#initial('SKIPPED', this.#connector)
  }

  incrementalStarted(id: string, tables: readonly string[]): void {
    this.#withTables(id, 'STARTED', tables)
    this.#withTables(id, 'DATA_COLLECTIONS_RESOLVED', tables)
  }

  incrementalPaused(id: string | null, tables: readonly string[]): void {
    this.#withTables(id, 'PAUSED', tables)
  }

  incrementalResumed(id: string | null, tables: readonly string[]): void {
    this.#withTables(id, 'RESUMED', tables)
  }

  /** @param tables those that are not read any more */
  incrementalAborted(id: string | null, tables: readonly string[]): void {
    this.#withTables(id, 'ABORTED', tables)
  }

  incrementalInProgress(
    id: string | null,
    tables: readonly string[],
    chunk: {
      readonly chunk: number
      readonly chunks: number
      readonly total: number
      readonly maximumKey: Key
      readonly lastKey: Key
    },
  ): void {
    this.#tell('Incremental Snapshot', 'IN_PROGRESS', id, {
      chunk_index: String(chunk.chunk),
      last_processed_key: keyText(chunk.lastKey),
      total_rows: String(chunk.total),
      current_collection_in_progress: tables[0]!,
      ...this.#connector,
      total_chunks: String(chunk.chunks),
      maximum_key: keyText(chunk.maximumKey),
      data_collections: tables.join(','),
    })
  }

  incrementalTableCompleted(
    id: string | null,
    tables: readonly string[],
    scan: {
      readonly table: string
      readonly status: string
      readonly rows: number
      readonly total: number | null
    },
  ): void {
    this.#tell('Incremental Snapshot', 'TABLE_SCAN_COMPLETED', id, {
      scanned_collection: scan.table,
      ...this.#connector,
      total_rows_scanned: String(scan.rows),
      ...(scan.status === 'SUCCEEDED' && scan.total !== null ? { total_rows: String(scan.total) } : {}),
      data_collections: tables.join(','),
      status: scan.status,
    })
  }

  incrementalCompleted(id: string | null): void {
    this.#tell('Incremental Snapshot', 'COMPLETED', id, this.#connector)
  }

  get #connector(): { readonly connector_name: string } {
    return { connector_name: this.#options.topicPrefix }
  }

  #withTables(id: string | null, type: string, tables: readonly string[]): void {
    this.#tell('Incremental Snapshot', type, id, { ...this.#connector, data_collections: tables.join(',') })
  }

  #initial(type: string, details: Details): void {
    this.#tell('Initial Snapshot', type, null, details)
  }

  #tell(aggregate: Aggregate, type: string, givenId: string | null, details: Details): void {
    if (!this.isEnabled) return
    const id = givenId ?? randomUUID()
    if (this.#isLogged)
      this.#context.log.info({ id, aggregateType: aggregate, type, additionalData: details }, 'notification')
    if (this.#topic === null) return
    const key = new ValueStruct(KEY_SCHEMA, [id])
    const data = new Map(Object.entries(details))
    const value = new ValueStruct(VALUE_SCHEMA, [id, type, aggregate, data, BigInt(Date.now())])
    const record = {
      topic: this.#topic,
      partition: null,
      keySchema: KEY_SCHEMA,
      key,
      valueSchema: VALUE_SCHEMA,
      value,
      timestamp: null,
      headers: [],
    }
    this.#batch.add([record], 512)
  }
}

function keyText(key: Key): string {
  return key.map((text) => text ?? '<null>').join(',')
}
