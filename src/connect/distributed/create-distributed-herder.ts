import type { OpenGroupMembership } from '../../log/group-membership.ts'
import type { OpenSharedTopic, SharedTopicShape } from '../../log/shared-topic.ts'
import { openWorkerParts, type WorkerPartsOptions } from '../worker-parts.ts'
import type { AssignedSurroundings } from './assigned-connector.ts'
import { AssignedWork } from './assigned-work.ts'
import { ConfigStore } from './config-store.ts'
import { DistributedHerder } from './distributed-herder.ts'
import { GroupMember } from './group-member.ts'
import { SessionKeys, type SessionKeyOptions } from './session-keys.ts'
import { StatusStore } from './status-store.ts'
import type { CoordinatorOptions } from './worker-assignment.ts'
import { WorkerCoordinator } from './worker-coordinator.ts'
import type { AskWorker } from './worker-requests.ts'
import { ZombieFencing } from './zombie-fencing.ts'

/** The worker's properties that concern its group, parsed. */
export interface GroupOptions extends Pick<
  CoordinatorOptions,
  | 'groupId'
  | 'protocol'
  | 'sessionTimeoutMs'
  | 'heartbeatIntervalMs'
  | 'rebalanceTimeoutMs'
  | 'scheduledRebalanceMaxDelayMs'
  | 'workerUnsyncBackoffMs'
> {
  readonly workerSyncTimeoutMs: number
  readonly configTopic: SharedTopicShape
  readonly statusTopic: SharedTopicShape
  readonly sessionKeys: SessionKeyOptions
}

/** What a log has to offer so that workers can share it. */
export interface GroupLog {
  readonly openSharedTopic: OpenSharedTopic
  readonly openGroupMembership: OpenGroupMembership
}

export interface DistributedHerderOptions extends WorkerPartsOptions {
  readonly group: GroupOptions
  readonly groupLog: GroupLog
  readonly kafkaClusterId: string
  /** `host:port`, as status answers show it. */
  readonly workerId: string
  readonly ask: AskWorker
}

export interface OpenedHerder {
  readonly herder: DistributedHerder
  /** Joins the group: resolves with the first assignment. Others may ask at the URL from then on. */
  readonly join: (workerUrl: string) => Promise<void>
}

/** Opens the topics that the group shares and reads them to their ends. The worker is one of the group once it joins. */
export async function createDistributedHerder(options: DistributedHerderOptions): Promise<OpenedHerder> {
  const { group: groupOptions, groupLog, logger, worker, workerId, ask } = options
  const { openSharedTopic } = groupLog
  let member: GroupMember | null = null
  let work: AssignedWork | null = null
  const isExactlyOnce = worker.options['exactly.once.source.support'].toLowerCase() === 'enabled'
  const configs = await ConfigStore.open({
    openTopic: openSharedTopic,
    topic: groupOptions.configTopic,
    ...(isExactlyOnce ? { writerId: `connect-cluster-${groupOptions.groupId}` } : {}),
    logger,
    listener: {
      onConnector: (name, change) => member?.changed(name, change),
      onRestart: (request) => work?.restart(request),
      onLoggerLevel: (namespace, level) => member?.loggerLevel(namespace, level),
      onFenced: () => member?.fenced(),
    },
  })
  const statuses = await StatusStore.open({
    openTopic: openSharedTopic,
    topic: groupOptions.statusTopic,
    onTopicForgotten: (connector) => work?.forgetTopics(connector),
    logger,
  }).catch(async (error: unknown) => {
    await configs.close()
    throw error
  })
  const parts = openWorkerParts(options)
  for (const name of configs.names()) void parts.mask.learnFrom(parts.catalogue, configs.get(name)!.config)
  const fencing = isExactlyOnce
    ? new ZombieFencing({ configs, groupId: groupOptions.groupId, log: options.log })
    : null
  const keys = new SessionKeys(groupOptions.sessionKeys, () => configs.sessionKey)
  let runs = 0
  const said = <Status extends object>(status: Status) => ({
    ...status,
    workerId,
    generation: member!.generation,
  })
  const surroundings: AssignedSurroundings = {
    ...parts,
    stopTimeoutMs: Number(worker.options['task.shutdown.graceful.timeout.ms']),
    nextRun: () => ++runs,
    onTopic(topic, topicId, by) {
      if (worker.options['topic.tracking.enable']) statuses.putTopic(by, topic, topicId)
    },
    topicIds: (connector) => statuses.topicIds(connector),
    onConnectorState: (name, status) => statuses.putConnector(name, said(status), isCautious(status.state)),
    onTaskState: (id, status) => statuses.putTask(id, said(status), isCautious(status.state)),
    publish: (name, taskConfigs) => member!.publish(name, taskConfigs),
    fence: (connector) => member!.fenceBefore(connector),
    readConfigs: () => withDeadline(configs.readToEnd(), groupOptions.workerSyncTimeoutMs),
  }
  work = new AssignedWork(surroundings, (name) => configs.get(name))
  const group = (member = new GroupMember({
    configs,
    statuses,
    work,
    keys,
    ask,
    fencing,
    logger,
  }))
  const { kafkaClusterId } = options
  const herder = new DistributedHerder({
    ...parts,
    workerId,
    kafkaClusterId,
    configs,
    statuses,
    work,
    group,
    fencing,
  })
  return {
    herder,
    join: (workerUrl) =>
      group.join(
        new WorkerCoordinator({
          ...groupOptions,
          membership: groupLog.openGroupMembership,
          workerUrl,
          logger,
          configSnapshot: () => configs.snapshot(),
          async refreshConfigs() {
            await withDeadline(configs.readToEnd(), groupOptions.workerSyncTimeoutMs)
            return configs.snapshot()
          },
          onAssigned(assignment) {
            herder.adoptJobs()
            return group.assigned(assignment)
          },
          onRevoked: (lost) => group.revoked(lost),
        }),
      ),
  }
}

/** What a worker says that may have lost the connector or task does not replace what the one says that has it now. */
function isCautious(state: string): boolean {
  return state === 'UNASSIGNED' || state === 'FAILED'
}

async function withDeadline(done: Promise<void>, ms: number): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => reject(new Error(`The config topic was not read to its end within ${ms} ms`)),
    ms,
  )
  try {
    await Promise.race([done, late])
  } finally {
    clearTimeout(timer)
  }
}
