import type { ConnectorConfig } from '../api/config-def.ts'
import { describeError } from '../api/errors.ts'
import { encodeHeaders, RecordBatchReader, RecordBatchWriter } from '../api/record-batch.ts'
import type { EncodedHeader } from '../api/record-batch.ts'
import type { TopicPartitionOffset } from '../api/sink-task.ts'
import type { Log } from '../log/log.ts'
import type { RecordFailure } from './error-tolerance.ts'
import { failureTrace, javaClassName } from './failure-trace.ts'
import type { TaskId } from './herder.ts'

/** Keeps records that a sink could not use in a topic of their own: their bytes as they were, and why. */
export class DeadLetterQueue {
  readonly #log: Log
  readonly #topic: string
  readonly #replicationFactor: number
  readonly #hasContextHeaders: boolean
  readonly #task: TaskId
  #isCreated = false

  /** Null where the connector names no `errors.deadletterqueue.topic.name`. */
  static of(log: Log, config: ConnectorConfig, task: TaskId): DeadLetterQueue | null {
    const topic = config['errors.deadletterqueue.topic.name']?.trim() ?? ''
    return topic === '' ? null : new DeadLetterQueue(log, topic, { config, task })
  }

  private constructor(log: Log, topic: string, { config, task }: { config: ConnectorConfig; task: TaskId }) {
    this.#log = log
    this.#topic = topic
    this.#task = task
    this.#replicationFactor = Number(config['errors.deadletterqueue.topic.replication.factor'] ?? 3)
    const headers = config['errors.deadletterqueue.context.headers.enable']
    this.#hasContextHeaders = headers?.trim().toLowerCase() === 'true'
  }

  /** Resolves once the dead letter is durable. The original is read again from where it lies. */
  async send(origin: TopicPartitionOffset, failure: RecordFailure): Promise<void> {
    const reader = await this.#original(origin)
    if (reader === null) return
    await this.#create()
    const context = this.#hasContextHeaders ? this.#contextHeaders(origin, failure) : []
    const headers = encodeHeaders([...reader.headers, ...context])
    const writer = new RecordBatchWriter(headers, 4096)
    writer.record(reader.timestampMs, reader.key, reader.value)
    await this.#log.append({ batches: [{ topic: this.#topic, partition: 0, batch: writer.finish() }] })
  }

  /** Null: retention removed it meanwhile. */
  async #original(origin: TopicPartitionOffset): Promise<RecordBatchReader | null> {
    for (const batch of await this.#log.read(origin, 1)) {
      for (const reader = new RecordBatchReader(batch); reader.next();) {
        if (reader.offset === origin.offset) return reader
      }
    }
    return null
  }

  async #create(): Promise<void> {
    if (this.#isCreated) return
    const replicationFactor = this.#replicationFactor
    await this.#log.createTopic({ name: this.#topic, partitions: 1, replicationFactor })
    this.#isCreated = true
  }

  #contextHeaders(origin: TopicPartitionOffset, failure: RecordFailure): EncodedHeader[] {
    const { error, stage, className } = failure
    const texts: readonly (readonly [string, string])[] = [
      ['topic', origin.topic],
      ['partition', String(origin.partition)],
      ['offset', String(origin.offset)],
      ['connector.name', this.#task.connector],
      ['task.id', String(this.#task.task)],
      ['stage', stage],
      ['class.name', className],
      ['exception.class.name', javaClassName(error)],
      ['exception.message', describeError(error)],
      ['exception.stacktrace', failureTrace(error)],
    ]
    return texts.map(([name, text]) => ({ name: `__connect.errors.${name}`, value: Buffer.from(text) }))
  }
}
