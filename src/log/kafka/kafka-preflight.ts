import { counted } from '../../api/counted.ts'
import { describeError } from '../../api/errors.ts'
import { fail, ok, type Finding } from '../../api/preflight.ts'
import { Cluster } from './connection/cluster.ts'
import type { KafkaClientSettings } from './kafka-log-description.ts'
import { lookAtRights, type NeededRights } from './kafka-rights.ts'
import { TopicAdmin } from './topic-admin.ts'

/** A topic in which workers keep what they know. */
export interface StorageTopic {
  readonly property: string
  readonly name: string
  /** What is in it has an order in one partition only. */
  readonly isOrdered: boolean
}

const DEADLINE_MS = 10_000

const STORAGE_OPERATIONS = ['Describe', 'DescribeConfigs', 'Read', 'Write'] as const
const NOTHING: NeededRights = { topics: [], groups: [], transactionalIds: [] }

/**
 * Whether the cluster answers, takes the login, lets it do what is needed, and would keep what workers store in it.
 *
 * @param needed beside the rights on the storage topics
 */
export async function kafkaPreflight(
  settings: KafkaClientSettings,
  storage: readonly StorageTopic[],
  needed: NeededRights = NOTHING,
): Promise<Finding[]> {
  const cluster = new Cluster(settings)
  const brokers = settings.bootstrapServers.join(',')
  // Calls wait for brokers that may come back; somebody waits for this one.
  let isLate = false
  const deadline = setTimeout(() => {
    isLate = true
    void cluster.close()
  }, DEADLINE_MS)
  try {
    const admin = new TopicAdmin(cluster)
    const topics = await cluster.refresh(null)
    const rights = await lookAtRights(cluster, {
      topics: [...storage.map(({ name }) => ({ name, operations: STORAGE_OPERATIONS })), ...needed.topics],
      groups: needed.groups,
      transactionalIds: needed.transactionalIds,
    })
    const findings: Finding[] = [
      ok('connection', `Kafka at ${brokers} answers, and shows ${counted(topics.length, 'topic')}`),
      ...rights.findings,
    ]
    for (const { property, name, isOrdered } of storage) {
      if (rights.denied.has(name)) continue
      const [found] = await admin.describe([name])
      const policy = found?.config['cleanup.policy'] ?? 'delete'
      if (found === undefined) findings.push(ok(property, `the worker creates the topic ${name}`))
      else if (policy !== 'compact') {
        findings.push(
          fail(
            property,
            `the topic ${name} has cleanup.policy=${policy} and would lose what workers keep in it`,
            {
              where: 'shell',
              apply: `kafka-configs.sh --bootstrap-server ${brokers} --alter --entity-type topics --entity-name ${name} --add-config cleanup.policy=compact`,
            },
          ),
        )
      } else if (isOrdered && found.partitions.length !== 1) {
        findings.push(
          fail(property, `the topic ${name} has ${found.partitions.length} partitions, and must have one`, {
            where: 'by hand',
            apply: `Name another topic in ${property}, or one that does not exist yet`,
          }),
        )
      } else findings.push(ok(property, `the topic ${name} is compacted`))
    }
    return findings
  } catch (error) {
    return [connectionFinding(brokers, isLate ? null : error)]
  } finally {
    clearTimeout(deadline)
    await cluster.close()
  }
}

function connectionFinding(brokers: string, error: unknown): Finding {
  const said = error === null ? `no broker of ${brokers} answers` : describeError(error)
  const isLogin = /SASL|authenticat|authoriz/i.test(said)
  return fail(isLogin ? 'login' : 'connection', said, {
    where: 'by hand',
    apply: isLogin
      ? 'Correct security.protocol, sasl.mechanism and sasl.jaas.config, and let ACLs describe topics to this user'
      : 'Start the brokers, or correct bootstrap.servers; what they advertise (advertised.listeners) must be reachable too',
  })
}
