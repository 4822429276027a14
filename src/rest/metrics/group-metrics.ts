import type { ConnectorStatus, Herder, TaskState } from '../../connect/herder.ts'
import type { Starts } from '../../connect/startup-counts.ts'
import type { Metric } from './prometheus-text.ts'

const TASK_STATES: readonly TaskState[] = ['RUNNING', 'PAUSED', 'FAILED', 'UNASSIGNED', 'RESTARTING']

/**
 * Kafka Connect's metrics of a worker: what it has, and how often it started something.
 *
 * @param statuses of connectors, with those of their tasks that are this worker's
 */
export function workerCounts(
  herder: Pick<Herder, 'startups' | 'isHere'>,
  statuses: readonly ConnectorStatus[],
): readonly Metric[] {
  const withTasks = statuses.filter(({ tasks }) => tasks.length > 0)
  const taskCounts = (name: string, isCounted: (state: TaskState) => boolean): Metric => ({
    name: `kafka_connect_worker_connector_${name}_task_count`,
    type: 'gauge',
    help: `Tasks of the connector on this worker: ${name}`,
    samples: withTasks.map(({ name: connector, tasks }) => ({
      labels: { connector },
      value: tasks.filter(({ state }) => isCounted(state)).length,
    })),
  })
  return [
    single('connector_count', 'gauge', statuses.filter(({ name }) => herder.isHere(name)).length),
    single(
      'task_count',
      'gauge',
      statuses.reduce((sum, { tasks }) => sum + tasks.length, 0),
    ),
    ...startMetrics('connector', herder.startups.connector),
    ...startMetrics('task', herder.startups.task),
    taskCounts('total', () => true),
    ...TASK_STATES.map((state) => taskCounts(state.toLowerCase(), (own) => own === state)),
  ]
}

/** Kafka Connect's metrics of the group's rounds; none of a worker on its own. */
export function rebalanceMetrics({ group }: Pick<Herder, 'group'>): readonly Metric[] {
  const rebalances = group?.rebalances ?? null
  if (rebalances === null) return []
  const { leaderUrl, generation, protocol, completed, isRebalancing, times, sinceLastMs } = rebalances
  const text = (name: string, value: string): Metric => ({
    name: `kafka_connect_worker_rebalance_${name}`,
    type: 'gauge',
    help: `${name.replaceAll('_', '-')} of Kafka Connect's connect-worker-rebalance-metrics`,
    samples: [{ labels: { [name]: value }, value: 1 }],
  })
  return [
    text('connect_protocol', protocol.toUpperCase()),
    ...(leaderUrl === null ? [] : [text('leader_name', leaderUrl)]),
    single('rebalance_epoch', 'gauge', generation),
    single('rebalance_completed_rebalances_total', 'counter', completed),
    single('rebalance_rebalancing', 'gauge', isRebalancing ? 1 : 0),
    single('rebalance_rebalance_avg_time_ms', 'gauge', times.average),
    single('rebalance_rebalance_max_time_ms', 'gauge', times.max),
    single('rebalance_time_since_last_rebalance_ms', 'gauge', sinceLastMs ?? NaN),
  ]
}

function startMetrics(
  of: 'connector' | 'task',
  { attempts, successes, failures }: Starts,
): readonly Metric[] {
  const ended = successes + failures
  return [
    single(`${of}_startup_attempts_total`, 'counter', attempts),
    single(`${of}_startup_success_total`, 'counter', successes),
    single(`${of}_startup_failure_total`, 'counter', failures),
    single(`${of}_startup_success_percentage`, 'gauge', ended === 0 ? 0 : successes / ended),
    single(`${of}_startup_failure_percentage`, 'gauge', ended === 0 ? 0 : failures / ended),
  ]
}

function single(name: string, type: Metric['type'], value: number): Metric {
  const help = `${name.replaceAll('_', '-')} of Kafka Connect's worker metrics`
  return { name: `kafka_connect_worker_${name}`, type, help, samples: [{ labels: {}, value }] }
}
