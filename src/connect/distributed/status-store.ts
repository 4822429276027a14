import { setTimeout as delay } from 'node:timers/promises'
import { ConnectError, describeError } from '../../api/errors.ts'
import type { TaskLogger } from '../../api/source-task.ts'
import type {
  OpenSharedTopic,
  SharedEntry,
  SharedRecord,
  SharedTopic,
  SharedTopicShape,
} from '../../log/shared-topic.ts'
import { knownIds } from '../active-topics.ts'
import type { TaskId, TaskState } from '../herder.ts'
import {
  parseStatusRecord,
  statusEntry,
  type SharedStatus,
  type StatusRecord,
  type TopicUse,
} from './status-records.ts'

export interface StatusStoreOptions {
  readonly openTopic: OpenSharedTopic
  readonly topic: SharedTopicShape
  /** A connector's topics were forgotten: its tasks are to tell them again when they use them. */
  readonly onTopicForgotten: (connector: string) => void
  readonly logger: TaskLogger
}

const PAUSE_AFTER_FAILURE_MS = 1000

/**
 * Kafka Connect's status topic: each worker says what it runs, all of them show it. Writing is not waited for; a write
 * that fails for a passing reason is repeated.
 */
export class StatusStore {
  readonly #options: StatusStoreOptions
  readonly #connectors = new Map<string, SharedStatus>()
  readonly #tasks = new Map<string, Map<number, SharedStatus<TaskState>>>()
  /** Of each connector the ids of its topics, null where it only reads or a worker of Kafka Connect has said so. */
  readonly #topics = new Map<string, Map<string, string | null>>()
  #topic: SharedTopic | null = null
  #waiting: SharedEntry[] = []
  /** What this worker has said of a key and not read yet: it is shown already, so that what it is asked is true at once. */
  readonly #unread = new Map<string, (string | null)[]>()
  #writing: Promise<void> | null = null
  readonly #closing = new AbortController()

  private constructor(options: StatusStoreOptions) {
    this.#options = options
  }

  static async open(options: StatusStoreOptions): Promise<StatusStore> {
    const store = new StatusStore(options)
    const { openTopic, topic, logger } = options
    store.#topic = await openTopic({
      topic,
      onRecord: (record) => store.#read(record),
      onFailure: (error) =>
        logger.error({ topic: topic.name, error: describeError(error) }, 'The status topic cannot be read'),
    })
    return store
  }

  /** Every connector of which there is a status. */
  connectors(): readonly string[] {
    return [...new Set([...this.#connectors.keys(), ...this.#tasks.keys(), ...this.#topics.keys()])]
  }

  connector(name: string): SharedStatus | null {
    return this.#connectors.get(name) ?? null
  }

  task({ connector, task }: TaskId): SharedStatus<TaskState> | null {
    return this.#tasks.get(connector)?.get(task) ?? null
  }

  /** Numbers of the tasks of which there is a status. */
  tasks(connector: string): readonly number[] {
    return [...(this.#tasks.get(connector)?.keys() ?? [])]
  }

  topics(connector: string): readonly string[] {
    return [...(this.#topics.get(connector)?.keys() ?? [])].sort()
  }

  /** Of the topics that a source has written to, as they were then. */
  topicIds(connector: string): ReadonlyMap<string, string> {
    return knownIds(this.#topics.get(connector))
  }

  /** @param isSafe only if no other worker has said something in a later round */
  putConnector(connector: string, status: SharedStatus, isSafe = false): void {
    if (isSafe && !isNewest(status, this.connector(connector))) return
    this.#put({ kind: 'connector', connector, status })
  }

  /** @param isSafe only if no other worker has said something in a later round */
  putTask(id: TaskId, status: SharedStatus<TaskState>, isSafe = false): void {
    if (isSafe && !isNewest(status, this.task(id))) return
    this.#put({ kind: 'task', id, status })
  }

  putTopic(id: TaskId, topic: string, topicId: string | null): void {
    const { connector, task } = id
    if (this.#topics.get(connector)?.get(topic) === topicId) return
    this.#put({ kind: 'topic', topic, connector, use: { task, discoveredMs: Date.now(), topicId } })
  }

  forgetTopics(connector: string): void {
    for (const topic of this.topics(connector)) this.#put({ kind: 'topic', topic, connector, use: null })
  }

  forgetTask(id: TaskId): void {
    this.#put({ kind: 'task', id, status: null })
  }

  /** Of a connector that is gone: its status, those of its tasks, its topics. */
  forget(connector: string): void {
    this.#put({ kind: 'connector', connector, status: null })
    for (const task of this.tasks(connector)) this.forgetTask({ connector, task })
    this.forgetTopics(connector)
  }

  /** Resolves when nothing waits to be written. */
  async flush(): Promise<void> {
    while (this.#writing !== null) await this.#writing
  }

  /** What was written by others before the call is shown, too. */
  readToEnd(): Promise<void> {
    return this.#topic!.readToEnd()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.flush()
    await this.#topic?.close()
  }

  #put(record: StatusRecord): void {
    const entry = statusEntry(record)
    this.#apply(record)
    this.#waiting.push(entry)
    const unread = this.#unread.get(entry.key)
    if (unread === undefined) this.#unread.set(entry.key, [entry.value])
    else unread.push(entry.value)
    this.#writing ??= this.#write()
  }

  async #write(): Promise<void> {
    const { logger, topic } = this.#options
    while (this.#waiting.length > 0) {
      const entries = this.#waiting
      this.#waiting = []
      try {
        await this.#topic!.write(entries)
      } catch (error) {
        const isPassing = error instanceof ConnectError && error.retriable && !this.#closing.signal.aborted
        logger.warn({ topic: topic.name, error: describeError(error), isPassing }, 'States cannot be written')
        if (!isPassing) {
          for (const entry of entries) this.#isOwn(entry.key, entry.value)
          continue
        }
        this.#waiting.unshift(...entries)
        await delay(PAUSE_AFTER_FAILURE_MS, undefined, { signal: this.#closing.signal }).catch(
          () => undefined,
        )
      }
    }
    // In the turn of the last look: what comes later finds nobody writing.
    this.#writing = null
  }

  /** Whether this worker has said it; it is read with that, and what it had said before. */
  #isOwn(key: string, value: string | null): boolean {
    const unread = this.#unread.get(key)
    const at = unread?.indexOf(value) ?? -1
    if (at < 0) return false
    unread!.splice(0, at + 1)
    if (unread!.length === 0) this.#unread.delete(key)
    return true
  }

  /** What others said before this worker said something is older than that, unless the round of the group is a later one. */
  #isOutdated(key: string, record: StatusRecord): boolean {
    if (!this.#unread.has(key) || record.kind === 'topic') return false
    const known = record.kind === 'task' ? this.task(record.id) : this.connector(record.connector)
    return (record.status?.generation ?? -1) <= (known?.generation ?? -1)
  }

  #read({ key, value, offset }: SharedRecord): void {
    if (key !== null && this.#isOwn(key, value)) return
    try {
      const record = parseStatusRecord(key, value)
      if (!this.#isOutdated(key!, record)) this.#apply(record)
    } catch (error) {
      this.#options.logger.warn(
        { topic: this.#options.topic.name, offset: String(offset), key, problem: describeError(error) },
        'A record of the status topic cannot be read and is skipped',
      )
    }
  }

  #apply(record: StatusRecord): void {
    switch (record.kind) {
      case 'connector':
        if (record.status === null) this.#connectors.delete(record.connector)
        else this.#connectors.set(record.connector, record.status)
        return
      case 'task':
        return this.#applyTask(record.id, record.status)
      case 'topic':
        return this.#applyTopic(record.connector, record.topic, record.use)
    }
  }

  #applyTask({ connector, task }: TaskId, status: SharedStatus<TaskState> | null): void {
    let tasks = this.#tasks.get(connector)
    if (status === null) {
      tasks?.delete(task)
      if (tasks?.size === 0) this.#tasks.delete(connector)
      return
    }
    if (tasks === undefined) this.#tasks.set(connector, (tasks = new Map()))
    const known = tasks.get(task)
    // Who lost a task may say so after the one who has it now has started it.
    const isStale =
      status.state === 'UNASSIGNED' &&
      known?.state === 'RUNNING' &&
      known.generation >= status.generation &&
      known.workerId !== status.workerId
    if (!isStale) tasks.set(task, status)
  }

  #applyTopic(connector: string, topic: string, use: TopicUse | null): void {
    let topics = this.#topics.get(connector)
    if (use !== null) {
      if (topics === undefined) this.#topics.set(connector, (topics = new Map()))
      topics.set(topic, use.topicId)
    } else if (topics?.delete(topic) === true) {
      if (topics.size === 0) this.#topics.delete(connector)
      this.#options.onTopicForgotten(connector)
    }
  }
}

function isNewest(status: SharedStatus, known: SharedStatus | null): boolean {
  return known === null || known.workerId === status.workerId || known.generation <= status.generation
}
