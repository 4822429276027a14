import {
  createTopicsV7,
  deleteTopicsV6,
  describeConfigsV4,
  listOffsetsV7,
  metadataV12,
  type ProtocolError,
} from '@platformatic/kafka'
import { RetriableError } from '../../api/errors.ts'
import type { NewTopic, TopicDescription } from '../log.ts'
import type { TopicPartition } from '../../api/sink-task.ts'
import { call, type Cluster, type KnownTopic } from './connection/cluster.ts'
import { asConnectError, brokerError, brokerErrorName } from './kafka-error.ts'

const TOPIC_RESOURCE = 2
/** Settings of the topic itself, not those of the broker or defaults. */
const DYNAMIC_TOPIC_CONFIG = 1
const BROKERS_DEFAULT = -1
const REQUEST_TIMEOUT_MS = 30_000
/** So long a broker may take to make a topic of its own accord. */
const AUTOMATIC_CREATION_MS = 3000
const AUTOMATIC_CREATION_PAUSE_MS = 100

export const EARLIEST = -2n
export const LATEST = -1n

/** Topics of a cluster: made, deleted, described. */
export class TopicAdmin {
  readonly #cluster: Cluster

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  async create({
    name,
    partitions,
    replicationFactor,
    config = {},
    isAutomatic = false,
  }: NewTopic): Promise<'created' | 'exists'> {
    if (isAutomatic) return this.#ask(name)
    const doing = `create topic ${name}`
    const outcome = await this.#cluster.retrying(doing, async () => {
      const topic = {
        name,
        numPartitions: partitions,
        replicationFactor: replicationFactor ?? BROKERS_DEFAULT,
        assignments: [],
        configs: Object.entries(config).map(([name, value]) => ({ name, value })),
      }
      const answer = await call(
        createTopicsV7.api,
        await this.#cluster.controller(),
        [topic],
        REQUEST_TIMEOUT_MS,
        false,
      )
      const { errorCode, errorMessage } = answer.topics[0]!
      if (errorCode === 0) return 'created'
      const error = brokerError(errorCode, errorMessage)
      if (brokerErrorName(error) === 'TOPIC_ALREADY_EXISTS') return 'exists'
      if (brokerErrorName(error) === 'INVALID_REPLICATION_FACTOR') return tooFewBrokers(doing, error)
      throw error
    })
    if (outcome instanceof Error) throw outcome
    if (outcome === 'created') {
      await this.#seen(doing, name, (topic) => topic?.leaders.every((leader) => leader >= 0) ?? false)
    }
    return outcome
  }

  /** Brokers with `auto.create.topics.enable` make a topic when a client asks for it like that. */
  async #ask(name: string): Promise<'created'> {
    const doing = `find topic ${name}`
    const end = performance.now() + AUTOMATIC_CREATION_MS
    for (;;) {
      await this.#cluster.retrying(doing, async () =>
        call(metadataV12.api, await this.#cluster.anyBroker(), [name], true),
      )
      const [found] = await this.#cluster.refresh([name])
      if (found?.leaders.every((leader) => leader >= 0) ?? false) return 'created'
      if (performance.now() > end) {
        throw new RetriableError(
          'log.topic-unknown',
          `There is no topic ${name}, the worker has topic.creation.enable=false, and the brokers do not create topics ` +
            'by themselves (auto.create.topics.enable). Create it, or set topic.creation.enable=true',
        )
      }
      await this.#cluster.pause(AUTOMATIC_CREATION_PAUSE_MS)
    }
  }

  async delete(name: string): Promise<boolean> {
    const doing = `delete topic ${name}`
    const [topic] = await this.#cluster.refresh([name])
    if (topic === undefined) return false
    const isDeleted = await this.#cluster.retrying(doing, async () => {
      const answer = await call(
        deleteTopicsV6.api,
        await this.#cluster.controller(),
        [{ name, topicId: null }],
        REQUEST_TIMEOUT_MS,
      )
      const { errorCode, errorMessage } = answer.responses[0]!
      if (errorCode === 0) return true
      const error = brokerError(errorCode, errorMessage)
      if (brokerErrorName(error) === 'UNKNOWN_TOPIC_OR_PARTITION') return false
      throw error
    })
    await this.#seen(doing, name, (found) => found?.id !== topic.id)
    return isDeleted
  }

  async describe(names: readonly string[] | null): Promise<readonly TopicDescription[]> {
    const topics = await this.#cluster.refresh(names)
    if (topics.length === 0) return []
    const everywhere = topics.flatMap(({ name, leaders }) =>
      leaders.map((_, partition) => ({ topic: name, partition })),
    )
    const [configs, starts, ends] = await Promise.all([
      this.#configs(topics.map(({ name }) => name)),
      this.offsets(everywhere, EARLIEST),
      this.offsets(everywhere, LATEST),
    ])
    return topics.map(({ name, id, leaders }) => ({
      name,
      id,
      config: configs.get(name) ?? {},
      partitions: leaders.map((_, partition) => ({
        partition,
        startOffset: starts.get(`${name}/${partition}`) ?? 0n,
        endOffset: ends.get(`${name}/${partition}`) ?? 0n,
      })),
    }))
  }

  /**
   * The first or last offset of partitions, by `topic/partition`. Those that do not exist any more are left out.
   *
   * @param when `EARLIEST` or `LATEST`
   */
  async offsets(partitions: readonly TopicPartition[], when: bigint): Promise<ReadonlyMap<string, bigint>> {
    const found = new Map<string, bigint>()
    const doing = 'find the offsets of topics'
    let missing = partitions
    await this.#cluster.retrying(doing, async () => {
      const topics = await this.#known([...new Set(missing.map(({ topic }) => topic))])
      missing = missing.filter(({ topic, partition }) => partition < (topics.get(topic)?.leaders.length ?? 0))
      const leaderOf = ({ topic, partition }: TopicPartition): number =>
        topics.get(topic)!.leaders[partition]!
      const byLeader = [...Map.groupBy(missing, leaderOf).values()]
      const outcomes = await Promise.allSettled(
        byLeader.map((group) => this.#listOffsets(topics.get(group[0]!.topic)!, group, when)),
      )
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') {
          for (const { topic } of missing) this.#cluster.forgetTopic(topic)
          throw outcome.reason
        }
        for (const [key, offset] of outcome.value) found.set(key, offset)
      }
      missing = missing.filter(({ topic, partition }) => !found.has(`${topic}/${partition}`))
      if (missing.length === 0) return
      // Their leader has changed, or they are gone.
      for (const { topic } of missing) this.#cluster.forgetTopic(topic)
      throw brokerError(NOT_LEADER)
    })
    return found
  }

  /** Topics by name, looked for if need be. Without those that do not exist. */
  async #known(names: readonly string[]): Promise<ReadonlyMap<string, KnownTopic>> {
    const known = names.flatMap((name) => this.#cluster.knownTopic(name) ?? [])
    const unknown = names.filter((name) => !known.some((topic) => topic.name === name))
    const found = unknown.length === 0 ? [] : await this.#cluster.refresh(unknown)
    return new Map([...known, ...found].map((topic) => [topic.name, topic]))
  }

  /** @param topic one of those whose partitions are asked for: all have the same leader */
  async #listOffsets(
    topic: KnownTopic,
    partitions: readonly TopicPartition[],
    when: bigint,
  ): Promise<Map<string, bigint>> {
    const connection = await this.#cluster.leader(topic, partitions[0]!.partition)
    const topics = [...Map.groupBy(partitions, ({ topic }) => topic)].map(([name, parts]) => ({
      name,
      partitions: parts.map(({ partition }) => ({
        partitionIndex: partition,
        currentLeaderEpoch: -1,
        timestamp: when,
      })),
    }))
    const answer = await call(listOffsetsV7.api, connection, -1, 0, topics)
    const found = new Map<string, bigint>()
    for (const { name, partitions } of answer.topics) {
      for (const { partitionIndex, errorCode, offset } of partitions) {
        if (errorCode === 0) found.set(`${name}/${partitionIndex}`, offset)
      }
    }
    return found
  }

  async #configs(names: readonly string[]): Promise<ReadonlyMap<string, Record<string, string>>> {
    const { results } = await this.#cluster.retrying('read the settings of topics', async () =>
      call(
        describeConfigsV4.api,
        await this.#cluster.anyBroker(),
        names.map((resourceName) => ({
          resourceType: TOPIC_RESOURCE,
          resourceName,
          configurationKeys: null,
        })),
      ),
    )
    return new Map(
      results.map(({ resourceName, configs }) => [
        resourceName,
        Object.fromEntries(
          configs
            .filter(({ configSource, value }) => configSource === DYNAMIC_TOPIC_CONFIG && value !== null)
            .map(({ name, value }) => [name, value!]),
        ),
      ]),
    )
  }

  /** Waits until the brokers that are asked know of a change that the controller has made. */
  async #seen(doing: string, name: string, isSo: (topic: KnownTopic | undefined) => boolean): Promise<void> {
    await this.#cluster.retrying(doing, async () => {
      const [topic] = await this.#cluster.refresh([name])
      if (!isSo(topic)) throw brokerError(NOT_LEADER)
    })
  }
}

/**
 * One of the brokers may be away, or there were never so many. Not repeated here: whoever asked for the topic says so
 * at once, and tries again.
 */
function tooFewBrokers(doing: string, cause: ProtocolError): RetriableError {
  return new RetriableError(
    'log.topic-invalid',
    `${asConnectError(cause, doing).message} Start the brokers that are away, or ask for fewer replicas`,
    { cause },
  )
}

const NOT_LEADER = 6
