import { ConfigError, ConnectError } from '../../api/errors.ts'
import { partitionForKey } from '../../api/partitioner.ts'
import { RecordBatchWriter } from '../../api/record-batch.ts'
import type { SharedTopicShape } from '../shared-topic.ts'
import type { Cluster, KnownTopic } from './connection/cluster.ts'
import type { KafkaProducer } from './producer/kafka-producer.ts'
import type { PartitionReader } from './consumer/partition-reader.ts'
import type { TopicAdmin } from './topic-admin.ts'

export interface TopicSurroundings {
  readonly cluster: Cluster
  readonly topics: TopicAdmin
  readonly producer: KafkaProducer
  readonly reader: PartitionReader
}

/** Creates a topic for state, or makes sure that the one that is there will not lose any. */
export async function openCompactedTopic(
  { cluster, topics, producer }: Omit<TopicSurroundings, 'reader'>,
  shape: SharedTopicShape,
): Promise<KnownTopic> {
  const { name, property } = shape
  if ((await cluster.topic(name)) === null) await create(topics, shape)
  const [description] = await topics.describe([name])
  const policy = description?.config['cleanup.policy'] ?? 'delete'
  if (policy !== 'compact') {
    throw new ConfigError(
      'log.state-topic-invalid',
      `Topic ${name} of ${property}.topic has cleanup.policy=${policy} and would lose what workers keep in it. ` +
        `Alter it to cleanup.policy=compact, or name another topic in ${property}.topic`,
    )
  }
  const count = description?.partitions.length ?? 0
  if (shape.isOrdered === true && count > shape.partitions) {
    throw new ConfigError(
      'log.state-topic-invalid',
      `Topic ${name} of ${property}.topic has ${count} partitions, and what is in it has an order only with ${shape.partitions}. ` +
        `Name another topic in ${property}.topic, or one that does not exist yet`,
    )
  }
  const topic = (await cluster.topic(name))!
  await producer.prepare(topic)
  return topic
}

async function create(topics: TopicAdmin, shape: SharedTopicShape): Promise<void> {
  const { name, partitions, replicationFactor, config, property } = shape
  try {
    await topics.create({
      name,
      partitions,
      ...(replicationFactor === undefined ? {} : { replicationFactor }),
      config: { ...config, 'cleanup.policy': 'compact' },
    })
  } catch (error) {
    if (!(error instanceof ConnectError) || error.code !== 'log.topic-invalid') throw error
    throw new ConfigError(
      'log.topic-invalid',
      `${error.message}. Set ${property}.replication.factor to at most the number of brokers (-1 for their default)`,
      { cause: error },
    )
  }
}

/** Appends entries to the partitions of their keys; those of one partition in one batch. */
export async function writeEntries(
  producer: KafkaProducer,
  topic: KnownTopic,
  entries: Iterable<readonly [key: string, value: string | null]>,
): Promise<void> {
  const writers = new Map<number, RecordBatchWriter>()
  for (const [key, value] of entries) {
    const keyBytes = Buffer.from(key)
    const partition = partitionForKey(keyBytes, 0, keyBytes.length, topic.leaders.length)
    let writer = writers.get(partition)
    if (writer === undefined) writers.set(partition, (writer = new RecordBatchWriter(undefined, 1024)))
    writer.record(Date.now(), keyBytes, value === null ? null : Buffer.from(value))
  }
  await Promise.all(
    [...writers].map(([partition, writer]) => producer.send(topic, partition, writer.finish())),
  )
}
