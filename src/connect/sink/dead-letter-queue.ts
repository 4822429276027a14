import type { ConnectorConfig } from '../../api/config-def.ts'
import { ConnectError, describeError } from '../../api/errors.ts'
import { partitionForKey } from '../../api/partitioner.ts'
import { encodeHeaders, RecordBatchReader, RecordBatchWriter } from '../../api/record-batch.ts'
import type { EncodedHeader } from '../../api/record-batch.ts'
import type { TopicPartitionOffset } from '../../api/sink-task.ts'
import type { Log } from '../../log/log.ts'
import type { RecordFailure } from '../task/error-tolerance.ts'
import { failureTrace, javaClassName } from '../task/failure-trace.ts'
import type { TaskMeter } from '../task/task-meter.ts'
import type { TaskId } from '../herder.ts'

interface Owner {
  readonly task: TaskId
  readonly meter: TaskMeter
}

/** Keeps records that a sink could not use in a topic of their own: their bytes as they were, and why. */
export class DeadLetterQueue {
  readonly #log: Log
  readonly #topic: string
  readonly #replicationFactor: number
  readonly #hasContextHeaders: boolean
  readonly #task: TaskId
  readonly #meter: TaskMeter
  #partitionCount: number | null = null

  /** Null where the connector names no `errors.deadletterqueue.topic.name`. */
  static of(log: Log, config: ConnectorConfig, owner: Owner): DeadLetterQueue | null {
    const topic = config['errors.deadletterqueue.topic.name']?.trim() ?? ''
    return topic === '' ? null : new DeadLetterQueue(log, topic, { config, ...owner })
  }

  private constructor(
    log: Log,
    topic: string,
    { config, task, meter }: Owner & { readonly config: ConnectorConfig },
  ) {
    this.#log = log
    this.#topic = topic
    this.#task = task
    this.#meter = meter
    this.#replicationFactor = Number(config['errors.deadletterqueue.topic.replication.factor'] ?? 3)
    const headers = config['errors.deadletterqueue.context.headers.enable']
    this.#hasContextHeaders = headers?.trim().toLowerCase() === 'true'
  }

  /** Resolves once the dead letter is durable. The original is read again from where it lies. */
  async send(origin: TopicPartitionOffset, failure: RecordFailure): Promise<void> {
    this.#meter.add('deadletterqueue-produce-requests')
    try {
      await this.#send(origin, failure)
    } catch (error) {
      this.#meter.add('deadletterqueue-produce-failures')
      throw error
    }
  }

  async #send(origin: TopicPartitionOffset, failure: RecordFailure): Promise<void> {
    const reader = await this.#original(origin)
    if (reader === null) return
    const partitions = await this.#partitions()
    const context = this.#hasContextHeaders ? this.#contextHeaders(origin, failure) : []
    const headers = encodeHeaders([...reader.headers, ...context])
    const writer = new RecordBatchWriter(headers, 4096)
    writer.record(reader.timestampMs, reader.key, reader.value)
    const { key } = reader
    const partition = key === null ? 0 : partitionForKey(key, 0, key.length, partitions)
    await this.#log.append({ batches: [{ topic: this.#topic, partition, batch: writer.finish() }] })
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

  /** How many the topic has; one where it has to be created. */
  async #partitions(): Promise<number> {
    if (this.#partitionCount !== null) return this.#partitionCount
    const [name, replicationFactor] = [this.#topic, this.#replicationFactor]
    const created = await this.#log.createTopic({ name, partitions: 1, replicationFactor })
    const topic = created === 'created' ? null : await this.#log.describeTopic(name)
    this.#partitionCount = topic?.partitions.length ?? 1
    return this.#partitionCount
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
      // A ConnectError's own message is what the reference has there; causes are in the trace.
      ['exception.message', error instanceof ConnectError ? error.message : describeError(error)],
      ['exception.stacktrace', failureTrace(error)],
    ]
    return texts.map(([name, text]) => ({ name: `__connect.errors.${name}`, value: Buffer.from(text) }))
  }
}
