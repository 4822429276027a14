import { allowedHostsProblem } from '../../api/allowed-hosts.ts'
import { ConfigDef, validators, type ConnectorConfig, type ParsedConfig } from '../../api/config-def.ts'
import type { OptionDefinitions } from '../../api/config-def.ts'
import { ConfigResolver } from '../config-providers/config-resolver.ts'
import { restartOptions } from '../task/restart-policy.ts'
import { tracingOptions } from '../tracing/tracing-settings.ts'

const JSON_CONVERTER = 'org.apache.kafka.connect.json.JsonConverter'
const SIMPLE_HEADER_CONVERTER = 'org.apache.kafka.connect.storage.SimpleHeaderConverter'

/** The reference takes a policy by its class, too. */
const OVERRIDE_POLICY_CLASSES = ['All', 'None', 'Principal', 'Allowlist'].map(
  (name) => `org.apache.kafka.connect.connector.policy.${name}ConnectorClientConfigOverridePolicy`,
)

const options = {
  'key.converter': {
    type: 'CLASS',
    default: JSON_CONVERTER,
    importance: 'HIGH',
    documentation:
      'Converter of record keys for connectors that name none. Without this property: JsonConverter with schemas.enable=false.',
  },
  'value.converter': {
    type: 'CLASS',
    default: JSON_CONVERTER,
    importance: 'HIGH',
    documentation:
      'Converter of record values for connectors that name none. Without this property: JsonConverter with schemas.enable=false.',
  },
  'header.converter': {
    type: 'CLASS',
    default: SIMPLE_HEADER_CONVERTER,
    importance: 'LOW',
    documentation: 'Converter of record headers for connectors that name none.',
  },
  'offset.flush.interval.ms': {
    type: 'LONG',
    default: 60_000n,
    validator: validators.atLeast(1),
    importance: 'LOW',
    documentation:
      'Longest time between two commits of a sink task. Source offsets are stored with the records themselves; the embedded log is told of sink offsets within a second.',
  },
  'offset.flush.timeout.ms': {
    type: 'LONG',
    default: 5_000n,
    validator: validators.atLeast(1),
    importance: 'LOW',
    documentation: 'How long a commit of offsets may take before it counts as failed.',
  },
  'task.shutdown.graceful.timeout.ms': {
    type: 'LONG',
    default: 5_000n,
    validator: validators.atLeast(0),
    importance: 'LOW',
    documentation: 'How long a task may take to stop before it is given up.',
  },
  'exactly.once.source.support': {
    type: 'STRING',
    default: 'disabled',
    validator: validators.oneOfIgnoringCase('disabled', 'enabled', 'preparing'),
    importance: 'HIGH',
    documentation:
      'Whether source connectors write records and source offsets in transactions of Kafka: disabled, preparing (for all workers of a group first) or enabled. The embedded log always commits both together.',
  },
  'connector.client.config.override.policy': {
    type: 'STRING',
    default: 'All',
    validator: validators.oneOf('All', 'None', 'Principal', 'Allowlist', ...OVERRIDE_POLICY_CLASSES),
    importance: 'MEDIUM',
    documentation:
      'Which producer.override.*, consumer.override.* and admin.override.* connectors may have: All, None, Principal (logins) or Allowlist.',
  },
  'connector.client.config.override.allowlist': {
    type: 'LIST',
    default: [],
    importance: 'MEDIUM',
    documentation: 'The client properties that connectors may override under the policy Allowlist.',
  },
  'connector.allowed.hosts': {
    type: 'LIST',
    default: [],
    validator: (value) => allowedHostsProblem(value as readonly string[]),
    importance: 'MEDIUM',
    documentation:
      'The hosts that connectors may connect to: names (db.example.com), names below one (*.example.com), addresses and ranges of them (10.0.0.0/8), paths of sockets. Without this property: all.',
  },
  'topic.creation.enable': {
    type: 'BOOLEAN',
    default: true,
    importance: 'LOW',
    documentation:
      "Whether source connectors' topic.creation.* properties shape the topics that they create.",
  },
  'topic.tracking.enable': {
    type: 'BOOLEAN',
    default: true,
    importance: 'LOW',
    documentation:
      'Whether the topics that a connector uses are kept and shown by /connectors/{name}/topics.',
  },
  'topic.tracking.allow.reset': {
    type: 'BOOLEAN',
    default: true,
    importance: 'LOW',
    documentation: 'Whether the topics that a connector has used can be forgotten on request.',
  },
  ...restartOptions,
  'health.stalled.after.ms': {
    type: 'LONG',
    default: 120_000n,
    validator: validators.atLeast(1000),
    importance: 'LOW',
    documentation:
      'A connector that has something to do and did nothing for so long is reported by /health/connectors: it runs, but does not move.',
  },
  ...tracingOptions,
  'task.threads': {
    type: 'INT',
    default: 0,
    validator: validators.atLeast(0),
    importance: 'LOW',
    documentation: 'Most threads that run tasks; 0 for as many as there are processor cores.',
  },
  'task.thread.heap.max.mb': {
    type: 'INT',
    default: 512,
    validator: validators.atLeast(32),
    importance: 'LOW',
    documentation:
      'Most JavaScript heap of one task thread, in megabytes. Beyond it the thread is ended and its tasks are restarted.',
  },
  listeners: {
    type: 'LIST',
    default: ['http://:8083'],
    importance: 'LOW',
    documentation:
      'Where the REST API listens: http://host:port or https://host:port, several with commas. Without a host: all interfaces if the API is protected, else this machine only.',
  },
  'admin.listeners': {
    type: 'LIST',
    default: null,
    importance: 'LOW',
    documentation:
      'Where the endpoints below /admin listen, and they alone; empty: nowhere. Without this property: where the others do.',
  },
  'rest.advertised.listener': {
    type: 'STRING',
    default: null,
    importance: 'LOW',
    documentation: 'http or https: the listener by which this worker calls itself; the first by default.',
  },
  'rest.auth.users.file': {
    type: 'STRING',
    default: null,
    importance: 'MEDIUM',
    documentation:
      'File with a line NAME:HASH for each user of the REST API (HTTP basic); `tailrace hash-password` makes hashes.',
  },
  'rest.auth.bearer.token': {
    type: 'PASSWORD',
    default: null,
    importance: 'MEDIUM',
    documentation: 'Token with which programs may use the REST API: Authorization: Bearer TOKEN.',
  },
  'rest.extension.classes': {
    type: 'LIST',
    default: [],
    importance: 'LOW',
    documentation:
      'org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension for HTTP basic as Kafka Connect has it; its users come from the JAAS file.',
  },
  'java.security.auth.login.config': {
    type: 'STRING',
    default: null,
    importance: 'LOW',
    documentation:
      'The JAAS file of that extension, with KafkaConnect { …PropertyFileLoginModule required file="…"; }; KAFKA_OPTS may name it instead.',
  },
  'rest.allow.unprotected': {
    type: 'BOOLEAN',
    default: false,
    importance: 'MEDIUM',
    documentation: 'Whether the REST API may listen on the network without a users file or token.',
  },
  'config.mask.secrets': {
    type: 'BOOLEAN',
    default: false,
    importance: 'LOW',
    documentation:
      'Whether passwords in configurations are shown as stars. Stars that are posted stand for the stored value.',
  },
  'access.control.allow.origin': {
    type: 'LIST',
    default: [],
    importance: 'LOW',
    documentation: 'Origins whose pages a browser lets use the REST API; * for all.',
  },
  'access.control.allow.methods': {
    type: 'LIST',
    default: [],
    importance: 'LOW',
    documentation: 'Methods that pages of these origins may use; GET, POST and HEAD by default.',
  },
  'response.http.headers.config': {
    type: 'STRING',
    default: '',
    importance: 'LOW',
    documentation: 'Headers of all answers: comma-separated [set|add|setDate|addDate] NAME: VALUE.',
  },
  'rest.advertised.host.name': {
    type: 'STRING',
    default: null,
    importance: 'LOW',
    documentation: 'The host that this worker calls itself by in worker_id.',
  },
  'rest.advertised.port': {
    type: 'INT',
    default: null,
    importance: 'LOW',
    documentation: 'The port that this worker calls itself by in worker_id.',
  },
  'config.providers': {
    type: 'LIST',
    default: [],
    importance: 'LOW',
    documentation:
      'Names of config providers. Each has a class in config.providers.NAME.class and options below config.providers.NAME.param.',
  },
  plugins: {
    type: 'LIST',
    default: [],
    importance: 'LOW',
    documentation:
      'Further plugins: names of npm packages, and files such as ./my-transform.ts, as seen from the working directory.',
  },
  'data.dir': {
    type: 'STRING',
    default: null,
    importance: 'MEDIUM',
    documentation: 'Directory of the embedded log.',
  },
} as const satisfies OptionDefinitions

/** The worker properties that tailrace reads. Others, such as `bootstrap.servers` of a copied file, are left alone. */
export const workerConfigDef = new ConfigDef(options)

/** Plain data: it goes to the task threads as it is. */
export interface WorkerConfig {
  readonly options: ParsedConfig<typeof options>
  /** As given: converters' own options lie under `key.converter.` and so on. */
  readonly properties: ConnectorConfig
}

/** Throws `ConfigError` with every problem. */
export function parseWorkerConfig(given: ConnectorConfig): WorkerConfig {
  const properties = new ConfigResolver(given).resolve(given).config
  return { options: workerConfigDef.parse(properties), properties: withWalkThroughConverters(properties) }
}

/** The reference refuses to start without converters; tailrace then writes plain JSON. */
function withWalkThroughConverters(properties: ConnectorConfig): ConnectorConfig {
  const completed: Record<string, string | null> = { ...properties }
  for (const role of ['key', 'value']) {
    if (completed[`${role}.converter`] === undefined) {
      completed[`${role}.converter`] = JSON_CONVERTER
      completed[`${role}.converter.schemas.enable`] ??= 'false'
    }
  }
  return completed
}
