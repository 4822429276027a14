import type { ConnectorConfig } from '../api/config-def.ts'
import { ConfigError, ConnectError } from '../api/errors.ts'
import type { ConnectorPlugin } from '../api/plugin.ts'
import type { JsonObject, JsonValue } from '../api/record.ts'
import type { TopicPartitionOffset } from '../api/sink-task.ts'
import { SOURCE_OFFSETS, sourceOffsetKey, type Log } from '../log/log.ts'
import type { ConnectorInfo, OffsetEntry } from './herder.ts'
import { sinkGroup } from './sink/sink-group.ts'
import { parseJson, parseJsonObject, stringifyJson } from '../api/json/json-text.ts'
import { clientOverrides, offsetsTopic, onSinkLog } from './task/task-client.ts'

/** Reads and changes how far a connector is. Changes are for stopped connectors only: see the herder. */
export interface ConnectorOffsets {
  read(): Promise<readonly OffsetEntry[]>
  /** Throws for entries of the wrong shape. */
  check(entries: readonly OffsetEntry[]): void
  /** Entries without an offset are forgotten; others are set. */
  alter(entries: readonly OffsetEntry[]): Promise<void>
  reset(): Promise<void>
}

/** A connector, as far as its offsets are concerned. */
interface OffsetOwner extends Pick<ConnectorInfo, 'name' | 'type' | 'config'> {
  /** The configuration with what config providers supply: credentials of clients, perhaps. */
  readonly resolved: () => ConnectorConfig
}

/** Works on a connector's offsets. Those of a source with a topic of its own are there, as its tasks see them. */
export async function onConnectorOffsets<T>(
  log: Log,
  { name, type, config, resolved }: OffsetOwner,
  work: (offsets: ConnectorOffsets) => Promise<T>,
): Promise<T> {
  if (type === 'sink') {
    const sinkConfig = resolved()
    return onSinkLog(log, name, sinkConfig, (own) => work(new SinkConnectorOffsets(own, name, sinkConfig)))
  }
  if (offsetsTopic(config) === null) return work(new SourceConnectorOffsets(log, name))
  const clientConfig = resolved()
  const topic = offsetsTopic(clientConfig) ?? ''
  const overrides = clientOverrides(clientConfig)
  const client = { type: 'source', connector: name, task: 0, overrides, offsetsTopic: topic } as const
  const own = await log.openTaskLog({ ...client, isExactlyOnce: false })
  try {
    return await work(new SourceConnectorOffsets(own.log, name))
  } finally {
    await own.close()
  }
}

/** A change of offsets from outside, and the answer to whoever asked for it. */
export interface OffsetsChange {
  readonly perform: (stored: ConnectorOffsets) => Promise<void>
  readonly answer: string
}

/** @param entries to set or to forget; null: all are forgotten */
export function offsetsChange(
  plugin: Pick<ConnectorPlugin, 'checkOffsets'>,
  config: ConnectorConfig,
  entries: readonly OffsetEntry[] | null,
): OffsetsChange {
  const how = entries === null ? 'reset' : 'altered'
  const done = `offsets for this connector have been ${how} successfully`
  const answer =
    plugin.checkOffsets === undefined
      ? `The Connect framework-managed ${done}. However, if this connector manages offsets externally, they will need to be manually ${how} in the system that the connector uses.`
      : `The ${done}`
  const perform = async (stored: ConnectorOffsets): Promise<void> => {
    if (entries !== null) stored.check(entries)
    if (plugin.checkOffsets !== undefined) {
      const wanted = entries ?? (await stored.read()).map((entry) => ({ ...entry, offset: null }))
      plugin.checkOffsets(config, wanted)
    }
    await (entries === null ? stored.reset() : stored.alter(entries))
  }
  return { answer, perform }
}

export function notStopped(name: string): ConfigError {
  return new ConfigError(
    'connect.not-stopped',
    'Connectors must be in the STOPPED state before their offsets can be modified. This can be done for the specified ' +
      `connector by issuing a 'PUT' request to the '/connectors/${name}/stop' endpoint`,
  )
}

/** Source offsets lie in the log's state under `["connector",{partition}]`. */
class SourceConnectorOffsets implements ConnectorOffsets {
  readonly #log: Log
  readonly #connector: string

  constructor(log: Log, connector: string) {
    this.#log = log
    this.#connector = connector
  }

  async read(): Promise<readonly OffsetEntry[]> {
    const state = await this.#log.readState(SOURCE_OFFSETS)
    return [...state].flatMap(([key, text]) => {
      const [connector, partition] = parseJson(key) as [string, JsonObject]
      return connector === this.#connector ? [{ partition, offset: parseJsonObject(text) }] : []
    })
  }

  check(entries: readonly OffsetEntry[]): void {
    for (const { partition, offset } of entries) {
      requirePrimitives(partition)
      requirePrimitives(offset)
    }
  }

  async alter(entries: readonly OffsetEntry[]): Promise<void> {
    // An entry without a partition is accepted, as in the reference, and belongs to nothing.
    const usable = entries.filter(({ partition }) => (partition ?? null) !== null)
    await this.#log.writeState(
      usable.map(({ partition, offset }) => ({
        space: SOURCE_OFFSETS,
        key: sourceOffsetKey(this.#connector, partition),
        value: offset === null ? null : stringifyJson(offset),
      })),
    )
  }

  async reset(): Promise<void> {
    const entries = await this.read()
    await this.alter(entries.map(({ partition }) => ({ partition, offset: null })))
  }
}

const LARGEST = 2n ** 63n - 1n

/** Converters of offsets take texts, numbers, booleans and null alone. */
function requirePrimitives(fields: JsonObject | null): void {
  for (const [name, value] of Object.entries(fields ?? {})) {
    const kind = notPrimitive(value)
    if (kind === null) continue
    const message = `Offsets may only contain primitive types as values, but field ${name} contains ${kind}`
    throw new ConnectError('connect.offsets-invalid', message)
  }
}

/** What the reference calls a value that is no primitive; null: it is one. */
function notPrimitive(value: JsonValue): string | null {
  if (Array.isArray(value)) return 'ARRAY'
  if (typeof value === 'bigint') {
    return value > LARGEST || value < -LARGEST - 1n ? 'class java.math.BigInteger' : null
  }
  return typeof value === 'object' && value !== null ? 'MAP' : null
}

/** Sink offsets are those of the consumer group. */
class SinkConnectorOffsets implements ConnectorOffsets {
  readonly #log: Log
  readonly #connector: string
  readonly #group: string

  constructor(log: Log, connector: string, config: ConnectorConfig) {
    this.#log = log
    this.#connector = connector
    this.#group = sinkGroup(connector, config)
  }

  async read(): Promise<readonly OffsetEntry[]> {
    return (await this.#log.groupOffsets(this.#group)).map(({ topic, partition, offset }) => ({
      partition: { kafka_topic: topic, kafka_partition: partition },
      offset: { kafka_offset: offset },
    }))
  }

  check(entries: readonly OffsetEntry[]): void {
    entries.forEach(parseSinkEntry)
  }

  async alter(entries: readonly OffsetEntry[]): Promise<void> {
    const parsed = entries.map(parseSinkEntry)
    const names = new Set(parsed.map(({ topic, partition }) => `${partition} ${topic}`))
    for (const { topic, partition } of parsed) {
      const partitions = (await this.#log.describeTopic(topic))?.partitions.length ?? 0
      if (partition < 0 || partition >= partitions)
        throw this.#failed(`there is no partition ${partition} of topic ${topic}`)
    }
    if (names.size < parsed.length) throw this.#failed('a partition is named twice')
    if (parsed.some(({ offset }) => offset !== null && offset < 0n)) {
      throw new ConnectError(
        'connect.offsets-invalid',
        `Failed to modify offsets for sink connector ${this.#connector}`,
        { cause: new Error('an offset is negative') },
      )
    }
    const changed = parsed.flatMap(({ offset, ...rest }) => (offset === null ? [] : [{ ...rest, offset }]))
    if (changed.length < parsed.length) {
      // The port forgets whole groups only: what is to stay is committed again.
      const kept = (await this.#log.groupOffsets(this.#group)).filter(
        ({ topic, partition }) => !names.has(`${partition} ${topic}`),
      )
      await this.#log.deleteGroup(this.#group)
      if (kept.length > 0) await this.#log.commitGroupOffsets(this.#group, kept)
    }
    if (changed.length > 0) await this.#log.commitGroupOffsets(this.#group, changed)
  }

  async reset(): Promise<void> {
    await this.#log.deleteGroup(this.#group)
  }

  #failed(reason: string): ConnectError {
    return new ConnectError(
      'connect.offsets-invalid',
      `Failed to alter consumer group offsets for connector ${this.#connector}`,
      { cause: new Error(reason) },
    )
  }
}

type SinkEntry = Omit<TopicPartitionOffset, 'offset'> & { readonly offset: bigint | null }

function parseSinkEntry({ partition, offset }: OffsetEntry): SinkEntry {
  const refuse = (message: string): ConfigError => new ConfigError('connect.offsets-invalid', message)
  // The REST layer passes on what was posted.
  if ((partition as JsonObject | null | undefined) === null || partition === undefined) {
    throw refuse('The partition for a sink connector offset cannot be null or missing')
  }
  const { kafka_topic: topic, kafka_partition: number } = partition
  if (topic === null) throw refuse('Kafka topic names must be valid strings and may not be null')
  if (isMissing(topic) || isMissing(number)) {
    throw refuse(
      "The partition for a sink connector offset must contain the keys 'kafka_topic' and 'kafka_partition'",
    )
  }
  const partitionNumber = integer(number)
  if (partitionNumber === null) {
    throw refuse(
      `Failed to parse the following Kafka partition value in the provided offsets: '${text(number)}'. Partition values for sink connectors need to be integers.`,
    )
  }
  const where = { topic: text(topic), partition: Number(partitionNumber) }
  if (offset === null || offset === undefined) return { ...where, offset: null }
  const given = offset['kafka_offset']
  if (given === undefined) {
    throw refuse("The offset for a sink connector should either be null or contain the key 'kafka_offset'")
  }
  const value = integer(given)
  if (value === null) {
    throw refuse(
      `Failed to parse the following Kafka offset value in the provided offsets: '${text(given)}'. Offset values for sink connectors need to be integers.`,
    )
  }
  return { ...where, offset: value }
}

function isMissing(value: JsonValue | undefined): value is null | undefined {
  return value === null || value === undefined
}

function text(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : stringifyJson(value ?? null)
}

function integer(value: JsonValue | undefined): bigint | null {
  const digits = text(value).trim()
  if (!/^[+-]?\d+$/.test(digits)) return null
  const number = BigInt(digits.replace('+', ''))
  return number > LARGEST || number < -LARGEST - 1n ? null : number
}
