import { createTopicsV7, describeGroupsV5, endTxnV3, metadataV12 } from '@platformatic/kafka'
import { counted } from '../../api/counted.ts'
import { fail, ok, type Finding } from '../../api/preflight.ts'
import { call, type Cluster } from './connection/cluster.ts'
import { brokerError, brokerErrorName } from './kafka-error.ts'

/** What ACLs can let somebody do, by the names that `kafka-acls.sh` has for it; the numbers are those of the protocol. */
const OPERATIONS = { Read: 3, Write: 4, Create: 5, Describe: 8, DescribeConfigs: 10 } as const
type Operation = keyof typeof OPERATIONS
export type TopicOperation = Exclude<Operation, 'Create'>

const GROUP_OPERATIONS: readonly Operation[] = ['Describe', 'Read']
/** It lets them be described, too. */
const TRANSACTIONAL_ID_OPERATIONS: readonly Operation[] = ['Write']
/** No transaction is of this producer. */
const NO_PRODUCER = { id: -1n, epoch: -1 }
/** What a broker answers that was not asked, or does not know. */
const UNKNOWN = -(2 ** 31)
const BROKERS_DEFAULT = -1
const REQUEST_TIMEOUT_MS = 10_000
const CHECK = 'rights'

export interface NeededTopic {
  readonly name: string
  /** `Create` is asked for where it is not there yet. */
  readonly operations: readonly TopicOperation[]
}

export interface NeededRights {
  readonly topics: readonly NeededTopic[]
  readonly groups: readonly string[]
  /** By which producers write in transactions. */
  readonly transactionalIds: readonly string[]
}

interface Denied {
  readonly name: string
  readonly operations: readonly Operation[]
}

/** What ACLs do not let this user do, asked of the brokers without changing anything; `denied` names the topics among it. */
export async function lookAtRights(
  cluster: Cluster,
  { topics, groups, transactionalIds }: NeededRights,
): Promise<{ readonly findings: readonly Finding[]; readonly denied: ReadonlySet<string> }> {
  const deniedTopics = await topicsDenied(cluster, topics)
  const deniedGroups: Denied[] = []
  for (const group of groups) {
    const operations = await missingOnGroup(cluster, group)
    if (operations.length > 0) deniedGroups.push({ name: group, operations })
  }
  const deniedIds: Denied[] = []
  for (const name of transactionalIds) {
    if (!(await mayEndTransactions(cluster, name))) {
      deniedIds.push({ name, operations: TRANSACTIONAL_ID_OPERATIONS })
    }
  }
  const findings = [
    ...findingsOf(cluster, 'topic', deniedTopics),
    ...findingsOf(cluster, 'group', deniedGroups),
    ...findingsOf(cluster, 'transactional-id', deniedIds),
  ]
  const needed = { topic: topics.length, group: groups.length, 'transactional id': transactionalIds.length }
  const used = Object.entries(needed).flatMap(([what, count]) => (count === 0 ? [] : [counted(count, what)]))
  if (findings.length === 0 && used.length > 0) {
    const what = used.join(' and ')
    findings.push(ok(CHECK, `${userOf(cluster) ?? 'this client'} may use the ${what} that are needed`))
  }
  return { findings, denied: new Set(deniedTopics.map(({ name }) => name)) }
}

async function topicsDenied(cluster: Cluster, needed: readonly NeededTopic[]): Promise<Denied[]> {
  if (needed.length === 0) return []
  const names = needed.map(({ name }) => name)
  const { topics } = await cluster.retrying('ask for the rights on topics', async () =>
    call(metadataV12.api, await cluster.anyBroker(), names, false, true),
  )
  const answers = new Map(topics.map((topic) => [topic.name, topic]))
  const problemOf = (name: string): string | null => nameOf(answers.get(name)?.errorCode ?? 0)
  const uncreatable = await topicsNotCreatable(
    cluster,
    names.filter((name) => problemOf(name) === 'UNKNOWN_TOPIC_OR_PARTITION'),
  )
  return needed.flatMap(({ name, operations }) => {
    if (uncreatable.has(name) || problemOf(name) === 'TOPIC_AUTHORIZATION_FAILED') {
      // Whether it is there is hidden from who may not see it.
      return [{ name, operations: ['Create' as const, ...operations] }]
    }
    const missing = missingOf(operations, answers.get(name)?.topicAuthorizedOperations ?? UNKNOWN)
    return missing.length === 0 ? [] : [{ name, operations: missing }]
  })
}

/** Those of which the brokers say, without creating them, that this user may not. */
async function topicsNotCreatable(cluster: Cluster, names: readonly string[]): Promise<ReadonlySet<string>> {
  if (names.length === 0) return new Set()
  const wanted = names.map((name) => ({
    name,
    numPartitions: 1,
    replicationFactor: BROKERS_DEFAULT,
    assignments: [],
    configs: [],
  }))
  const { topics } = await cluster.retrying('ask for the right to create topics', async () =>
    call(createTopicsV7.api, await cluster.controller(), wanted, REQUEST_TIMEOUT_MS, true),
  )
  const refused = topics.filter(({ errorCode }) => /AUTHORIZATION_FAILED/.test(nameOf(errorCode) ?? ''))
  return new Set(refused.map(({ name }) => name))
}

async function missingOnGroup(cluster: Cluster, group: string): Promise<readonly Operation[]> {
  const doing = `ask for the rights on group ${group}`
  return cluster.retrying(doing, async () => {
    try {
      const coordinator = await cluster.coordinator(group)
      const { groups } = await call(describeGroupsV5.api, coordinator, [group], true)
      const { errorCode, authorizedOperations } = groups[0]!
      if (errorCode !== 0) throw brokerError(errorCode)
      return missingOf(GROUP_OPERATIONS, authorizedOperations)
    } catch (error) {
      if (brokerErrorName(error) === 'GROUP_AUTHORIZATION_FAILED') return GROUP_OPERATIONS
      cluster.forgetCoordinator(group)
      throw error
    }
  })
}

/**
 * Asks for the end of a transaction of no producer: brokers look at the right to write first, and then find nothing to end.
 * What they say of a transactional id otherwise shows only whether it may be described.
 */
async function mayEndTransactions(cluster: Cluster, transactionalId: string): Promise<boolean> {
  return cluster.retrying(`ask for the rights on transactional id ${transactionalId}`, async () => {
    const { id, epoch } = NO_PRODUCER
    const broker = await cluster.anyBroker()
    const { errorCode } = await call(endTxnV3.api, broker, transactionalId, id, epoch, false)
    return nameOf(errorCode) !== 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED'
  })
}

function missingOf(needed: readonly Operation[], authorized: number): readonly Operation[] {
  if (authorized === UNKNOWN) return []
  return needed.filter((operation) => (authorized & (1 << OPERATIONS[operation])) === 0)
}

/**
 * One for all that lack the same, with one command that grants it.
 *
 * @param kind as `kafka-acls.sh` calls it
 */
function findingsOf(
  cluster: Cluster,
  kind: 'topic' | 'group' | 'transactional-id',
  denied: readonly Denied[],
): Finding[] {
  const { bootstrapServers, security } = cluster.description
  const user = userOf(cluster)
  return [...Map.groupBy(denied, ({ operations }) => operations.join(', '))].map(([missing, alike]) => {
    const names = alike.map(({ name }) => name)
    const command = [
      `kafka-acls.sh --bootstrap-server ${bootstrapServers.join(',')}`,
      ...(security === undefined ? [] : ['--command-config admin.properties']),
      `--add --allow-principal ${shellWord(`User:${user ?? 'NAME'}`)}`,
      ...alike[0]!.operations.map((operation) => `--operation ${operation}`),
      ...names.map((name) => `--${kind} ${shellWord(name)}`),
    ].join(' ')
    return fail(
      CHECK,
      `ACLs do not let ${user ?? 'this client'} ${missing} the ${kind.replace('-', ' ')}${names.length === 1 ? '' : 's'} ${names.join(', ')}`,
      user === null
        ? { where: 'by hand', apply: `As the principal that the brokers know this client by: ${command}` }
        : { where: 'shell', apply: command },
    )
  })
}

/** Null: who it is follows from a token or a certificate. */
function userOf({ description: { security } }: Cluster): string | null {
  const sasl = security?.sasl
  return sasl === undefined || sasl.mechanism === 'OAUTHBEARER' ? null : sasl.username
}

function nameOf(errorCode: number): string | null {
  return errorCode === 0 ? null : brokerErrorName(brokerError(errorCode))
}

function shellWord(text: string): string {
  return /^[\w.:@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
