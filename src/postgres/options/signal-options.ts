import type { ConnectorConfig } from '../../api/config-def.ts'
import type { ConfigIssue } from '../../api/plugin.ts'

/** Where commands come from: `signal.*`. */
export interface SignalOptions {
  /** Schema and name of the signal table; null: there is none. */
  readonly table: readonly [schema: string, table: string] | null
  readonly channels: ReadonlySet<string>
  readonly pollIntervalMs: number
  readonly emitRetries: number
  readonly emitBackoffMs: number
  readonly file: string
  readonly kafka: {
    readonly topic: string
    /** Null: the topic is one of the worker's own log. */
    readonly bootstrapServers: string | null
    readonly groupId: string
    readonly pollTimeoutMs: number
    /** `signal.consumer.*`, without the prefix. */
    readonly consumer: ConnectorConfig
  }
}

const CONSUMER = 'signal.consumer.'

/** Of a configuration in which `signalIssues` found nothing wrong. */
export function signalOptions(
  config: ConnectorConfig,
  parsed: {
    readonly 'signal.enabled.channels': readonly string[]
    readonly 'signal.poll.interval.ms': bigint
    readonly 'signal.emit.failure.backoff.ms': bigint
    readonly 'signal.emit.failure.max.retries': number
  },
): SignalOptions {
  const text = (name: string): string | null => config[name]?.trim() || null
  return {
    table: signalTable(config),
    channels: new Set(parsed['signal.enabled.channels'].map((channel) => channel.trim())),
    pollIntervalMs: Number(parsed['signal.poll.interval.ms']),
    emitRetries: parsed['signal.emit.failure.max.retries'],
    emitBackoffMs: Number(parsed['signal.emit.failure.backoff.ms']),
    file: text('signal.file') ?? 'file-signals.txt',
    kafka: {
      topic: text('signal.kafka.topic') ?? `${config['topic.prefix'] ?? ''}-signal`,
      bootstrapServers: text('signal.kafka.bootstrap.servers'),
      groupId: text('signal.kafka.groupId') ?? 'kafka-signal',
      pollTimeoutMs: Number(text('signal.kafka.poll.timeout.ms') ?? 0),
      consumer: Object.fromEntries(
        Object.entries(config)
          .filter(([name]) => name.startsWith(CONSUMER))
          .map(([name, value]) => [name.slice(CONSUMER.length), value]),
      ),
    },
  }
}

/** Whether one of `signal.*` that are no definitions of their own is read. */
export function readsSignalProperty(name: string): boolean {
  return (
    name.startsWith(CONSUMER) ||
    /^signal\.(?:file|kafka\.(?:topic|bootstrap\.servers|groupId|poll\.timeout\.ms))$/.test(name)
  )
}

/** Whether this is the signal table. */
export function isSignalTable({ table: name }: SignalOptions, schema: string, table: string): boolean {
  return name !== null && name[0] === schema && name[1] === table
}

/** Schema and name of the signal table; null: there is none. */
export function signalTable(config: ConnectorConfig): SignalOptions['table'] {
  return tableName(config['signal.data.collection']?.split(',')[0] ?? null)
}

/** What is wrong with the options that are no definitions of their own, and with those that need each other. */
export function signalIssues(config: ConnectorConfig): readonly ConfigIssue[] {
  const issues: ConfigIssue[] = []
  const issue = (option: string, problem: string): void => {
    issues.push({ option, message: `The '${option}' value is invalid: ${problem}` })
  }
  const table = config['signal.data.collection']
  if (table?.trim() && tableName(table.split(',')[0]!) === null)
    issue('signal.data.collection', `${table} is no table: write it as schema.table`)
  const channels = listed(config['signal.enabled.channels'] ?? 'source')
  const unknown = channels.filter((channel) => !CHANNELS.has(channel))
  if (unknown.length > 0) {
    issue('signal.enabled.channels', `${unknown.join(', ')}: channels are ${[...CHANNELS].join(', ')}`)
  }
  const timeout = config['signal.kafka.poll.timeout.ms']?.trim()
  if (timeout && !/^\d{1,9}$/.test(timeout))
    issue('signal.kafka.poll.timeout.ms', 'An non-negative integer is expected')
  const notified = listed(config['notification.enabled.channels'] ?? '')
  if (notified.includes('sink') && !config['notification.sink.topic.name']?.trim()) {
    issue(
      'notification.sink.topic.name',
      'Notification topic name must be provided when kafka notification channel is enabled',
    )
  }
  return issues
}

/** `jmx` is a matter of the JVM: accepted, and said in the log. */
const CHANNELS: ReadonlySet<string> = new Set(['source', 'kafka', 'file', 'jmx', 'in-process'])

function listed(text: string): readonly string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

/** `schema.table`, each in double quotes where it has a dot of its own. */
function tableName(text: string | null): readonly [string, string] | null {
  const match = /^\s*(?:"((?:[^"]|"")+)"|([^".]+))\.(?:"((?:[^"]|"")+)"|(.+?))\s*$/.exec(text ?? '')
  if (match === null) return null
  const part = (quoted: string | undefined, plain: string | undefined): string =>
    quoted?.replaceAll('""', '"') ?? plain!
  return [part(match[1], match[2]), part(match[3], match[4])]
}
