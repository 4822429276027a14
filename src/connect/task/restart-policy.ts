import { ConfigDef, validators, type ConnectorConfig, type OptionDefinitions } from '../../api/config-def.ts'
import type { ConfigIssue } from '../../api/plugin.ts'
import type { WorkerConfig } from '../config/worker-config.ts'

const UNLIMITED = -1
/** A timer that is set for longer fires at once. */
const MOST_TIMER_MS = 2 ** 31 - 1

/** How tasks that failed for a cause that passes are started again: of the worker, and of a connector that wants it otherwise. */
export const restartOptions = {
  'tasks.auto.restart.max': {
    type: 'INT',
    default: UNLIMITED,
    validator: validators.atLeast(UNLIMITED),
    importance: 'MEDIUM',
    documentation:
      'How often in a row a task is started again that failed for a cause that passes, such as a server that is away; -1: without end, 0: never. Bad data and wrong configurations are never tried again.',
  },
  'tasks.auto.restart.delay.ms': {
    type: 'LONG',
    default: 500n,
    validator: validators.atLeast(1),
    importance: 'LOW',
    documentation: 'How long the first of these restarts waits; each further one waits twice as long.',
  },
  'tasks.auto.restart.delay.max.ms': {
    type: 'LONG',
    default: 60_000n,
    validator: validators.atLeast(1),
    importance: 'LOW',
    documentation: 'The longest that such a restart waits.',
  },
  'tasks.auto.restart.reset.ms': {
    type: 'LONG',
    default: 60_000n,
    validator: validators.atLeast(1),
    importance: 'LOW',
    documentation: 'A task that ran for so long has recovered: the next failure counts as the first.',
  },
} as const satisfies OptionDefinitions

const restartConfigDef = new ConfigDef(restartOptions)

export interface RestartPolicy {
  /** Infinity: without end. */
  readonly most: number
  readonly firstDelayMs: number
  readonly mostDelayMs: number
  readonly resetMs: number
}

/** What holds for a task: its own properties, which are its connector's unless that says otherwise, then the worker's. */
export function restartPolicy(
  { options }: Pick<WorkerConfig, 'options'>,
  task: ConnectorConfig,
): RestartPolicy {
  const given = ownOptions(task)
  const own = restartConfigDef.parse(given)
  const value = (name: keyof typeof restartOptions): number =>
    Number(Object.hasOwn(given, name) ? own[name] : options[name])
  const most = value('tasks.auto.restart.max')
  return {
    most: most === UNLIMITED ? Infinity : most,
    firstDelayMs: value('tasks.auto.restart.delay.ms'),
    mostDelayMs: value('tasks.auto.restart.delay.max.ms'),
    resetMs: value('tasks.auto.restart.reset.ms'),
  }
}

/** What is wrong with a connector's own properties of these. They are no part of its definition, which is the reference's. */
export function restartIssues(connector: ConnectorConfig): readonly ConfigIssue[] {
  const given = ownOptions(connector)
  return restartConfigDef
    .validate(given)
    .flatMap(({ name, errors }) => errors.map((message) => ({ option: name, message })))
}

/**
 * How long a task that failed for now waits before it starts again: doubling up to the most, a quarter more or less of it
 * so that the tasks of one lost server do not all come back at once.
 *
 * @param failures in a row before this one
 * @param random in [0, 1)
 */
export function restartDelayMs(
  failures: number,
  random: number,
  { firstDelayMs, mostDelayMs }: Pick<RestartPolicy, 'firstDelayMs' | 'mostDelayMs'>,
): number {
  const base = Math.min(firstDelayMs * 2 ** Math.min(failures, 30), mostDelayMs)
  return Math.min(MOST_TIMER_MS, Math.round(base * (0.75 + random / 2)))
}

function ownOptions(connector: ConnectorConfig): ConnectorConfig {
  return Object.fromEntries(Object.entries(connector).filter(([name]) => Object.hasOwn(restartOptions, name)))
}
