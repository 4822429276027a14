import { inspect } from 'node:util'
import { assertNoCanary } from '../../../test/servers/canary.ts'
import type { SinkBatch, SinkTask, TopicPartitionOffset } from '../../api/sink-task.ts'
import type { ConnectorConfig } from '../../api/config-def.ts'
import { elasticsearchSinkConnector } from '../connector.ts'
import { MemoryContext } from './memory-context.ts'

/** A started task with its context, as one `using` of a test. Its end throws where the task has given a password away. */
export class SinkRun {
  readonly task: SinkTask
  readonly context: MemoryContext

  private constructor(task: SinkTask, context: MemoryContext) {
    this.task = task
    this.context = context
  }

  static async start(
    url: string,
    config: ConnectorConfig = {},
    { hasDeadLetters = false } = {},
  ): Promise<SinkRun> {
    const context = new MemoryContext({ hasDeadLetters })
    const create = await elasticsearchSinkConnector.loadTask()
    const task = create()
    const defaults = {
      'connection.url': url,
      'key.ignore': 'true',
      'schema.ignore': 'true',
      'retry.backoff.ms': '20',
      // On a machine that stalls a document would be written twice, which its version tells.
      'read.timeout.ms': '60000',
    }
    await task.start({ ...defaults, ...config }, context)
    return new SinkRun(task, context)
  }

  put(...batches: readonly SinkBatch[]): Promise<void> {
    return this.task.put(batches)
  }

  async committable(topic: string, position: bigint, partition = 0): Promise<bigint> {
    const wanted: TopicPartitionOffset = { topic, partition, offset: position }
    return (await this.task.preCommit([wanted]))[0]!.offset
  }

  /** Waits until everything below `position` may be committed. */
  stored(topic: string, position: bigint, partition = 0): Promise<void> {
    return this.context.until(async () => {
      if (this.context.errors.length > 0) throw this.context.errors[0]
      return (await this.committable(topic, position, partition)) === position
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.context.stopping.abort()
    await this.task.stop(AbortSignal.timeout(100))
    const { logged, reported, errors } = this.context
    for (const { fields, message } of logged) assertNoCanary(inspect([message, fields]), 'a line of the log')
    assertNoCanary(inspect([reported, errors]), 'what the task reported or failed with')
  }
}
