import { ConfigDef, validators, type OptionDefinitions } from '../api/config-def.ts'
import type { SourceConnectorPlugin } from '../api/plugin.ts'

const QUICKSTARTS = ['orders', 'users', 'pageviews']

const options = {
  'kafka.topic': {
    type: 'STRING',
    default: null,
    importance: 'HIGH',
    documentation: 'The topic that gets the records; the name of the quickstart by default.',
  },
  quickstart: {
    type: 'STRING',
    default: 'orders',
    validator: validators.oneOfIgnoringCase(...QUICKSTARTS),
    importance: 'HIGH',
    documentation: 'What is made up: orders, users or pageviews.',
  },
  'max.interval': {
    type: 'LONG',
    default: 500n,
    validator: validators.atLeast(-1),
    importance: 'HIGH',
    documentation: 'Most milliseconds between two records; each pause is a random part of it. 0 or -1: none.',
  },
  'records.per.second': {
    type: 'INT',
    default: 0,
    validator: validators.atLeast(0),
    importance: 'MEDIUM',
    documentation: 'A steady rate for each task, in place of max.interval; 0: max.interval counts.',
  },
  iterations: {
    type: 'LONG',
    default: -1n,
    validator: validators.atLeast(-1),
    importance: 'HIGH',
    documentation: 'How many records each task makes before it rests; -1: no end.',
  },
  'random.seed': {
    type: 'LONG',
    default: 1n,
    importance: 'LOW',
    documentation: 'What the records are made from: the same seed gives the same records.',
  },
} as const satisfies OptionDefinitions

export const datagenConfigDef = new ConfigDef(options)

/** Makes up records, for trying things out. */
export const datagenSourceConnector: SourceConnectorPlugin = {
  type: 'source',
  className: 'tailrace.DatagenSourceConnector',
  version: '1.0.0',
  configDef: datagenConfigDef,
  taskConfigs: (config, maxTasks) =>
    Array.from({ length: maxTasks }, (_, task) => ({ ...config, 'task.id': String(task) })),
  async loadTask() {
    const { DatagenSourceTask } = await import('./source-task.ts')
    return () => new DatagenSourceTask()
  },
}
