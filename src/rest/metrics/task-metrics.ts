import type { TaskMeters } from '../../connect/herder.ts'
import type { TaskCounter, TaskMeasure, TaskMeter } from '../../connect/task/task-meter.ts'
import type { Metric } from './prometheus-text.ts'

/** One task that runs here. */
export interface MeteredTask extends Omit<TaskMeters, 'id'> {
  readonly labels: { readonly connector: string; readonly task: string }
  readonly type: 'source' | 'sink' | 'unknown'
}

/** Kafka Connect's metrics of tasks, by its groups, as the exporters of JMX spell them. */
export function taskMetrics(tasks: readonly MeteredTask[]): readonly Metric[] {
  return GROUPS.flatMap(({ group, of, metrics }) => {
    const own = tasks.filter(({ type }) => of === null || type === of)
    return Object.entries(metrics).map(([name, read]): Metric => {
      return {
        name: `kafka_connect_${group}_${name.replaceAll('-', '_')}`,
        type: COUNTED.test(name) ? 'counter' : 'gauge',
        help: `${name} of Kafka Connect's ${group.replaceAll('_', '-')}-metrics`,
        samples: own.map((task) => ({ labels: task.labels, value: read(task) })),
      }
    })
  })
}

/** Names of what only ever grows. */
const COUNTED = /-total$|^total-|^deadletterqueue-|-seq-no$/

type Read = (task: MeteredTask) => number

interface MetricsGroup {
  readonly group: string
  /** Null: of any task. */
  readonly of: 'source' | 'sink' | null
  readonly metrics: Readonly<Record<string, Read>>
}

const GROUPS: readonly MetricsGroup[] = [
  {
    group: 'connector_task',
    of: null,
    metrics: {
      'running-ratio': ({ timeShare }) => timeShare('RUNNING'),
      'pause-ratio': ({ timeShare }) => timeShare('PAUSED'),
      'batch-size-avg': average('batch-size'),
      'batch-size-max': greatest('batch-size'),
      'offset-commit-avg-time-ms': average('offset-commit-time-ms'),
      'offset-commit-max-time-ms': greatest('offset-commit-time-ms'),
      'offset-commit-success-percentage': average('offset-commit-success'),
      'offset-commit-failure-percentage': ({ meter }) => 1 - meter.recent('offset-commit-success').average,
    },
  },
  {
    group: 'source_task',
    of: 'source',
    metrics: {
      ...counted('source-record-poll'),
      ...counted('source-record-write'),
      ...held('source-record-active-count'),
      'poll-batch-avg-time-ms': average('poll-batch-time-ms'),
      'poll-batch-max-time-ms': greatest('poll-batch-time-ms'),
    },
  },
  {
    group: 'sink_task',
    of: 'sink',
    metrics: {
      ...counted('sink-record-read'),
      ...counted('sink-record-send'),
      ...held('sink-record-active-count'),
      ...counted('offset-commit-completion'),
      ...values('offset-commit-seq-no', 'partition-count', 'put-batch-total', 'put-batch-time-ms-total'),
      'put-batch-avg-time-ms': average('put-batch-time-ms'),
      'put-batch-max-time-ms': greatest('put-batch-time-ms'),
    },
  },
  {
    group: 'task_error',
    of: null,
    metrics: values(
      'total-record-failures',
      'total-record-errors',
      'total-records-skipped',
      'total-retries',
      'total-errors-logged',
      'last-error-timestamp',
      'deadletterqueue-produce-requests',
      'deadletterqueue-produce-failures',
    ),
  },
]

type Counted =
  Extract<TaskCounter & TaskMeasure, `${string}-total`> extends `${infer Name}-total` ? Name : never

function counted(name: Counted): Readonly<Record<string, Read>> {
  const total = `${name}-total` as const
  return { ...values(total), [`${name}-rate`]: ({ meter }) => meter.recent(total).perSecond }
}

function held(name: TaskCounter & TaskMeasure): Readonly<Record<string, Read>> {
  return { ...values(name), [`${name}-avg`]: average(name), [`${name}-max`]: greatest(name) }
}

function values(...counters: readonly TaskCounter[]): Readonly<Record<string, Read>> {
  return Object.fromEntries(
    counters.map((counter) => [counter, ({ meter }: { readonly meter: TaskMeter }) => meter.value(counter)]),
  )
}

function average(measure: TaskMeasure): Read {
  return ({ meter }) => meter.recent(measure).average
}

function greatest(measure: TaskMeasure): Read {
  return ({ meter }) => meter.recent(measure).max
}
