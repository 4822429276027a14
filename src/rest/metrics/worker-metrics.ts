import type { HealthProblem } from '../../connect/health/health-watch.ts'
import type { Herder } from '../../connect/herder.ts'
import { readMetrics, type MetricReading, type ReportedMetrics } from '../../connect/reported-metrics.ts'
import { rebalanceMetrics, workerCounts } from './group-metrics.ts'
import type { Metric, Sample } from './prometheus-text.ts'
import { taskMetrics, type MeteredTask } from './task-metrics.ts'

/** Everything that is counted of connectors and tasks, and what the process takes. */
export function workerMetrics(herder: Herder, problems: readonly HealthProblem[]): readonly Metric[] {
  const all = herder.connectors().map((name) => herder.connectorStatus(name))
  const own = all.map((status) => ({
    ...status,
    tasks: status.tasks.filter(({ id }) => herder.isHere({ connector: status.name, task: id })),
  }))
  const tasks = all.flatMap(({ name, type }) =>
    herder.taskMeters(name).map(({ id, ...meters }): MeteredTask => {
      return { labels: { connector: name, task: String(id.task) }, type, ...meters }
    }),
  )
  const gauge = (name: string, help: string, samples: readonly Sample[]): Metric => ({
    name,
    type: 'gauge',
    help,
    samples,
  })
  return [
    ...workerCounts(herder, own),
    ...rebalanceMetrics(herder),
    gauge(
      'kafka_connect_connector_status',
      'The state that a connector is in',
      own
        .filter(({ name }) => herder.isHere(name))
        .map(({ name, type, connector }) => ({
          labels: { connector: name, type, state: connector.state },
          value: 1,
        })),
    ),
    gauge(
      'kafka_connect_connector_task_status',
      'The state that a task is in',
      own.flatMap(({ name, tasks: ofIt }) =>
        ofIt.map(({ id, state }) => ({ labels: { connector: name, task: String(id), state }, value: 1 })),
      ),
    ),
    gauge(
      'tailrace_connector_problem',
      '1: /health/connectors says what is wrong with the connector; 0: nothing is',
      all.map(({ name }) => ({
        labels: { connector: name },
        value: problems.some(({ connector }) => connector === name) ? 1 : 0,
      })),
    ),
    gauge(
      'tailrace_task_restarts',
      'How often in a row the task was started again by itself',
      own.flatMap(({ name, tasks: ofIt }) =>
        ofIt.map(({ id, restarts }) => ({
          labels: { connector: name, task: String(id) },
          value: restarts?.count ?? 0,
        })),
      ),
    ),
    {
      name: 'tailrace_task_restarts_total',
      type: 'counter',
      help: 'How often the task was started again by itself, by the code of the error that it failed with',
      samples: tasks.flatMap(({ labels, restarts }) =>
        [...restarts].map(([cause, value]) => ({ labels: { ...labels, cause }, value })),
      ),
    },
    ...taskMetrics(tasks),
    ...reportedMetrics(tasks.flatMap(({ reported }) => reported)),
    ...processMetrics(),
  ]
}

/** What tasks report by names of their own; each name once, with the samples of all tasks. */
function reportedMetrics(groups: readonly ReportedMetrics[]): readonly Metric[] {
  const readings = groups.flatMap((group) => readMetrics(group, Date.now()))
  return [...Map.groupBy(readings, ({ name }) => name)].map(([name, samples]) => {
    const { type, help } = samples[0]!
    return { name, type, help, samples: samples.flatMap(samplesOf) }
  })
}

function samplesOf({ labels, value, histogram }: MetricReading): readonly Sample[] {
  if (histogram === undefined) return [{ labels, value }]
  const { sum, upTo } = histogram
  return [
    ...upTo.map(({ bound, count }): Sample => {
      return { suffix: '_bucket', labels: { ...labels, le: String(bound) }, value: count }
    }),
    { suffix: '_bucket', labels: { ...labels, le: '+Inf' }, value },
    { suffix: '_sum', labels, value: sum },
    { suffix: '_count', labels, value },
  ]
}

function processMetrics(): readonly Metric[] {
  const { user, system } = process.cpuUsage()
  return [
    {
      name: 'process_resident_memory_bytes',
      type: 'gauge',
      help: 'Memory of the whole process',
      samples: only(process.memoryUsage.rss()),
    },
    {
      name: 'process_cpu_seconds_total',
      type: 'counter',
      help: 'Processor time of all threads',
      samples: only((user + system) / 1e6),
    },
    {
      name: 'process_start_time_seconds',
      type: 'gauge',
      help: 'When the process began, in seconds since 1970',
      samples: only(Math.round(performance.timeOrigin / 1000)),
    },
  ]
}

function only(value: number): readonly Sample[] {
  return [{ labels: {}, value }]
}
