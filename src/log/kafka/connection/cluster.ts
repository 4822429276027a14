import { setTimeout as delay } from 'node:timers/promises'
import {
  ConnectionPool,
  findCoordinatorV4,
  metadataV12,
  ResponseError,
  type API,
  type Broker,
  type Connection,
} from '@platformatic/kafka'
import { ConnectError } from '../../../api/errors.ts'
import { asConnectError, brokerError, brokerErrorName, isPassing } from '../kafka-error.ts'
import { brokerAddress } from './broker-address.ts'
import { connectionSecurity } from './connection-security.ts'
import type { KafkaClientSettings } from '../kafka-log-description.ts'

export interface KnownTopic {
  readonly name: string
  /** Another one when the topic is deleted and created again. */
  readonly id: string
  /** The node that leads each partition; -1: none at present. */
  readonly leaders: readonly number[]
}

const REQUEST_TIMEOUT_MS = 30_000
const FIRST_PAUSE_MS = 20
const LONGEST_PAUSE_MS = 1000

/** The brokers of a cluster, what they say of its topics, and calls that outlive a broker's restart. */
export class Cluster {
  readonly description: KafkaClientSettings
  readonly #security: ReturnType<typeof connectionSecurity>
  readonly #closing = new AbortController()
  readonly #pools = new Set<ConnectionPool>()
  readonly #bootstrap: readonly Broker[]
  readonly #pool: ConnectionPool
  #brokers = new Map<number, Broker>()
  #controller = -1
  #id: string | null = null
  readonly #topics = new Map<string, KnownTopic>()
  readonly #coordinators = new Map<string, Broker>()

  constructor(description: KafkaClientSettings) {
    this.description = description
    this.#security = connectionSecurity(description)
    this.#bootstrap = description.bootstrapServers.map(brokerAddress)
    this.#pool = this.connections()
  }

  /** Aborted when the log is closed. */
  get closing(): AbortSignal {
    return this.#closing.signal
  }

  /**
   * Connections of one's own. A broker answers the requests of one connection one after the other, so whoever waits
   * there (for records, for a rebalance) must not share with others.
   */
  connections(requestTimeoutMs = this.description.requestTimeoutMs ?? REQUEST_TIMEOUT_MS): ConnectionPool {
    const pool = new ConnectionPool(this.description.clientId, {
      requestTimeout: requestTimeoutMs,
      maxInflights: 32,
      ...this.#security,
    })
    // Who asks hears of the error; without a listener, Node would end the process.
    pool.on('connecting', ({ connection }) => connection.on('error', () => undefined))
    this.#pools.add(pool)
    return pool
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.all([...this.#pools].map((pool) => this.closeConnections(pool)))
  }

  async closeConnections(pool: ConnectionPool): Promise<void> {
    this.#pools.delete(pool)
    const open = [...pool].map(([, connection]) => connection)
    const closed = pool.close().catch(() => undefined)
    // A connection waits for the answers under way before it closes; nobody wants them any more.
    for (const connection of open) connection.socket?.destroy()
    await closed
  }

  /** Repeats what fails for a passing reason until the deadline. @param doing completes "Cannot …" */
  async retrying<T>(doing: string, attempt: () => Promise<T>): Promise<T> {
    const end = Date.now() + (this.description.apiTimeoutMs ?? 60_000)
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      this.requireOpen()
      try {
        return await attempt()
      } catch (error) {
        this.requireOpen()
        if (!isPassing(error) || Date.now() + pauseMs > end) throw asConnectError(error, doing)
        await this.pause(pauseMs)
      }
    }
  }

  /** Waits; ends early when the log is closed. */
  async pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.closing }).catch(() => undefined)
  }

  requireOpen(): void {
    if (this.closing.aborted) throw new ConnectError('log.closed', 'The log was closed')
  }

  /** What the cluster calls itself. */
  async id(): Promise<string> {
    if (this.#id === null) await this.refresh([])
    return this.#id ?? ''
  }

  /** A broker of the cluster, any. */
  async anyBroker(): Promise<Connection> {
    const known = [...this.#brokers.values()]
    try {
      if (known.length > 0) return await this.#pool.getFirstAvailable(known)
    } catch {
      // All of those are away; the addresses of the configuration may lead to others.
    }
    return this.#pool.getFirstAvailable([...this.#bootstrap])
  }

  /** The broker that creates and deletes topics. */
  async controller(): Promise<Connection> {
    const broker = this.#brokers.get(this.#controller)
    return broker === undefined ? this.anyBroker() : this.#pool.get(broker)
  }

  async leader(topic: KnownTopic, partition: number, pool: ConnectionPool = this.#pool): Promise<Connection> {
    const broker = this.#brokers.get(topic.leaders[partition] ?? -1)
    if (broker === undefined) throw brokerError(LEADER_NOT_AVAILABLE)
    return pool.get(broker)
  }

  /** What is known without asking, or undefined. */
  knownTopic(name: string): KnownTopic | undefined {
    return this.#topics.get(name)
  }

  /** Asks when nothing is known; null: there is no such topic. */
  async topic(name: string): Promise<KnownTopic | null> {
    return this.#topics.get(name) ?? (await this.refresh([name]))[0] ?? null
  }

  /** Asks anew: for the topics of these names, or all that are not Kafka's own. In order of name. */
  async refresh(names: readonly string[] | null): Promise<readonly KnownTopic[]> {
    const doing = names === null ? 'list the topics' : `look for topic ${names.join(', ')}`
    return this.retrying(doing, async () => {
      const answer = await call(
        metadataV12.api,
        await this.anyBroker(),
        names === null ? null : [...names],
        false,
      )
      this.#brokers = new Map(answer.brokers.map((broker) => [broker.nodeId, broker]))
      this.#controller = answer.controllerId
      this.#id = answer.clusterId ?? null
      if (names === null) this.#topics.clear()
      const found: KnownTopic[] = []
      for (const { name, topicId, errorCode, partitions, isInternal } of answer.topics) {
        if (name === null || name === undefined || isInternal) continue
        this.#topics.delete(name)
        const problem = errorCode === 0 ? null : brokerError(errorCode)
        const problemName = brokerErrorName(problem)
        if (problemName === 'UNKNOWN_TOPIC_OR_PARTITION' || problemName === 'INVALID_TOPIC_EXCEPTION')
          continue
        if (problem !== null) throw problem
        const leaders = Array.from({ length: partitions.length }, () => -1)
        for (const { partitionIndex, leaderId } of partitions) leaders[partitionIndex] = leaderId
        const topic = { name, id: topicId, leaders }
        this.#topics.set(name, topic)
        found.push(topic)
      }
      return found.toSorted((a, b) => (a.name < b.name ? -1 : 1))
    })
  }

  forgetTopic(name: string): void {
    this.#topics.delete(name)
  }

  /** The broker that keeps a group's offsets and members, or a producer's transactions. */
  async coordinator(
    group: string,
    pool: ConnectionPool = this.#pool,
    kind: CoordinatorKind = 'group',
  ): Promise<Connection> {
    const key = coordinatorKey(kind, group)
    let broker = this.#coordinators.get(key)
    if (broker === undefined) {
      const answer = await call(findCoordinatorV4.api, await this.anyBroker(), COORDINATOR_KEY_TYPES[kind], [
        group,
      ])
      const found = answer.coordinators[0]!
      if (found.errorCode !== 0) throw brokerError(found.errorCode, found.errorMessage)
      broker = { host: found.host, port: found.port }
      this.#coordinators.set(key, broker)
    }
    try {
      return await pool.get(broker)
    } catch (error) {
      this.forgetCoordinator(group, kind)
      throw error
    }
  }

  forgetCoordinator(group: string, kind: CoordinatorKind = 'group'): void {
    this.#coordinators.delete(coordinatorKey(kind, group))
  }

  /** Calls the coordinator again and again, and finds out whether it has moved. */
  onCoordinator<T>(
    group: string,
    doing: string,
    attempt: (connection: Connection) => Promise<T>,
  ): Promise<T> {
    return this.retrying(doing, async () => {
      try {
        return await attempt(await this.coordinator(group))
      } catch (error) {
        this.forgetCoordinator(group)
        throw error
      }
    })
  }
}

const LEADER_NOT_AVAILABLE = 5
const COORDINATOR_KEY_TYPES = { group: 0, transaction: 1 } as const

export type CoordinatorKind = keyof typeof COORDINATOR_KEY_TYPES

function coordinatorKey(kind: CoordinatorKind, name: string): string {
  return `${kind}:${name}`
}

/** One request. Errors within an answer are the caller's to look at: many parts of it may have succeeded. */
export async function call<Arguments extends unknown[], Answer>(
  api: API<Arguments, Answer>,
  connection: Connection,
  ...args: Arguments
): Promise<Answer> {
  try {
    return await api.async(connection, ...args)
  } catch (error) {
    if (error instanceof ResponseError) return error['response'] as Answer
    throw error
  }
}
