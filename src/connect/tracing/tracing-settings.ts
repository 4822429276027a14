import { validators, type OptionDefinitions, type OptionValidator } from '../../api/config-def.ts'
import { ConfigError } from '../../api/errors.ts'
import type { WorkerConfig } from '../config/worker-config.ts'

const collectorAddress: OptionValidator = (value) =>
  /^https?:$/.test(URL.parse(String(value))?.protocol ?? '')
    ? null
    : 'Must be the http or https address of an OpenTelemetry collector, such as http://localhost:4318'

const headerList: OptionValidator = (value) =>
  String(value)
    .split(',')
    .every((header) => /^\s*[\w-]+\s*=/.test(header))
    ? null
    : 'Must be NAME=VALUE,NAME=VALUE'

/** Named as OpenTelemetry's Java agent names its properties: people bring them from Kafka Connect. */
export const tracingOptions = {
  'otel.exporter.otlp.endpoint': {
    type: 'STRING',
    default: null,
    validator: collectorAddress,
    importance: 'LOW',
    documentation:
      'OpenTelemetry collector that traces are sent to (OTLP over HTTP), such as http://localhost:4318. Without it and without OTEL_EXPORTER_OTLP_ENDPOINT in the environment nothing is traced.',
  },
  'otel.exporter.otlp.headers': {
    type: 'PASSWORD',
    default: null,
    validator: headerList,
    importance: 'LOW',
    documentation: 'Headers of what is sent to the collector, such as a login: NAME=VALUE,NAME=VALUE.',
  },
  'otel.service.name': {
    type: 'STRING',
    default: null,
    importance: 'LOW',
    documentation: 'The name of the worker in traces. Without it: OTEL_SERVICE_NAME, else tailrace.',
  },
  'otel.traces.sampler.arg': {
    type: 'DOUBLE',
    default: null,
    validator: validators.between(0, 1),
    importance: 'LOW',
    documentation:
      'The share of all traces that is kept, from 0 to 1. Without it: as OTEL_TRACES_SAMPLER says, else all.',
  },
} as const satisfies OptionDefinitions

/** Where traces go, and how many of them. What is null, the exporter takes from the environment. */
export interface TracingSettings {
  /** The whole address. */
  readonly url: string | null
  readonly headers: Readonly<Record<string, string>> | null
  readonly serviceName: string | null
  readonly share: number
}

type Environment = Readonly<Record<string, string | undefined>>

/** Null: nobody asked for traces. Properties come before the standard's variables. */
export function tracingSettings(
  { options }: Pick<WorkerConfig, 'options'>,
  environment: Environment,
): TracingSettings | null {
  const set = (name: string) => environment[name]?.trim() || null
  const endpoint = options['otel.exporter.otlp.endpoint']
  const exporters = set('OTEL_TRACES_EXPORTER')
  const isWanted =
    endpoint !== null ||
    (exporters === null
      ? set('OTEL_EXPORTER_OTLP_ENDPOINT') !== null || set('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT') !== null
      : /(^|,)\s*otlp\s*(,|$)/.test(exporters))
  if (!isWanted || set('OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return null
  if (endpoint === null) requireHttp(environment)
  return {
    url: endpoint === null ? null : `${endpoint.trim().replace(/\/+$/, '')}/v1/traces`,
    headers: headersOf(options['otel.exporter.otlp.headers']),
    serviceName: options['otel.service.name'] ?? set('OTEL_SERVICE_NAME'),
    share: options['otel.traces.sampler.arg'] ?? shareOf(environment),
  }
}

/** Spans that are sent in the wrong protocol would be lost without a word. */
function requireHttp(environment: Environment): void {
  const names = ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL']
  const name = names.find((variable) => environment[variable]?.trim())
  const protocol = environment[name ?? '']?.trim() ?? ''
  if (name === undefined || protocol.startsWith('http/')) return
  throw new ConfigError(
    'connect.config-invalid',
    `${name}=${protocol}: traces are sent by OTLP over HTTP alone. Unset it or set it to http/json, and have the endpoint be the collector's for HTTP, usually port 4318; or set otel.exporter.otlp.endpoint in the worker's properties.`,
  )
}

/** As the standard has it, what cannot be read is as if it were not there. */
function shareOf(environment: Environment): number {
  const sampler = environment['OTEL_TRACES_SAMPLER']?.trim() ?? ''
  if (/^(parentbased_)?always_off$/.test(sampler)) return 0
  if (!/^(parentbased_)?traceidratio$/.test(sampler)) return 1
  const share = Number.parseFloat(environment['OTEL_TRACES_SAMPLER_ARG'] ?? '')
  return share >= 0 && share <= 1 ? share : 1
}

function headersOf(text: string | null): TracingSettings['headers'] {
  if (text === null) return null
  const pairs = text.split(',').map((header) => {
    const [name = '', ...value] = header.split('=')
    return [name.trim(), value.join('=').trim()] as const
  })
  return Object.fromEntries(pairs)
}
