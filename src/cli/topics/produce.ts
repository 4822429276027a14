import { createInterface } from 'node:readline'
import { counted } from '../../api/counted.ts'
import { ConfigError, ConnectError, describeError, NotFoundError } from '../../api/errors.ts'
import type { JsonObject, JsonValue } from '../../api/record.ts'
import { parseJson } from '../../api/json/json-text.ts'
import { openTopicClient, type TopicClient, type TopicPlace } from './topic-client.ts'

export interface ProduceOptions {
  /** Create the topic with so many partitions where there is none. */
  readonly partitions?: number
  /** Let the keys choose the partitions. */
  readonly repartition?: true
}

/** Of lines in one request; one that is larger goes alone. */
const MAX_REQUEST_BYTES = 1024 * 1024
const MAX_REQUEST_RECORDS = 5000

/**
 * `tailrace produce`: appends the records of standard input, a line each. A line that is none ends the command; those
 * before it are in the topic, and the error says how many.
 */
export async function produce(place: TopicPlace, topic: string, options: ProduceOptions): Promise<void> {
  await using topics = await openTopicClient(place)
  if ((await topics.describe(topic)) === null) {
    if (options.partitions === undefined || options.partitions === 0) {
      throw new NotFoundError('log.topic-unknown', `There is no topic ${topic}; --partitions 1 creates it`)
    }
    await topics.create(topic, options.partitions)
  }
  const writer = new RecordsWriter(topics, topic)
  let number = 0
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    number++
    if (line.trim() === '') continue
    const record = recordOf(line, options.repartition === true)
    if (record instanceof Error) {
      await writer.flush()
      throw new ConfigError(
        'rest.record-invalid',
        `Line ${number} is no JSON object as "consume --json" prints it; the topic has the ${counted(writer.count, 'record')} before it`,
        { cause: record },
      )
    }
    await writer.add(record, line.length)
  }
  await writer.flush()
  console.error(counted(writer.count, 'record'))
}

/** Gathers records into requests. */
class RecordsWriter {
  /** How many are in the topic. */
  count = 0
  readonly #topics: TopicClient
  readonly #topic: string
  #pending: JsonValue[] = []
  #bytes = 0

  constructor(topics: TopicClient, topic: string) {
    this.#topics = topics
    this.#topic = topic
  }

  async add(record: JsonValue, bytes: number): Promise<void> {
    const isFull = this.#pending.length === MAX_REQUEST_RECORDS || this.#bytes + bytes > MAX_REQUEST_BYTES
    if (isFull) await this.flush()
    this.#pending.push(record)
    this.#bytes += bytes
  }

  async flush(): Promise<void> {
    if (this.#pending.length === 0) return
    try {
      await this.#topics.append(this.#topic, this.#pending)
    } catch (cause) {
      throw new ConnectError(
        'cli.request-refused',
        `${describeError(cause)} (records ${this.count + 1} to ${this.count + this.#pending.length} of the input; the ${this.count} before them are in the topic)`,
        { cause },
      )
    }
    this.count += this.#pending.length
    this.#pending = []
    this.#bytes = 0
  }
}

/** An `Error`: the line is none. */
function recordOf(line: string, isRepartitioned: boolean): JsonObject | Error {
  try {
    const record = parseJson(line)
    if (typeof record !== 'object' || record === null || Array.isArray(record))
      return new Error('no JSON object')
    const { offset: _, partition, ...rest } = record as JsonObject
    return isRepartitioned || partition === undefined ? rest : { ...rest, partition }
  } catch (error) {
    return error as Error
  }
}
