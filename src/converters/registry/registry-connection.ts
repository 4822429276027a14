import type { ConnectorConfig, ParsedConfig } from '../../api/config-def.ts'
import { ConfigError } from '../../api/errors.ts'
import { sslPropertiesBelow, tlsSettings, type TlsSettings } from '../../tls/ssl-properties.ts'
import type { registryOptions } from './registry-options.ts'

/** Parsed options of a converter, the common ones among them. */
export type RegistryConfig = ParsedConfig<typeof registryOptions>

/** How to reach a registry. */
export interface RegistryConnection {
  /** Without user and password. */
  readonly urls: readonly URL[]
  /** The value of `Authorization` for each URL, or null. */
  readonly authorizations: readonly (string | null)[]
  readonly headers: Readonly<Record<string, string>>
  readonly tls: TlsSettings | null
  readonly isHostNameVerified: boolean
  readonly connectTimeoutMs: number
  readonly readTimeoutMs: number
  readonly maxRetries: number
  readonly retryWaitMs: number
  readonly maxRetryWaitMs: number
}

const HEADER_PREFIX = 'request.header.'
const TLS_PREFIX = 'schema.registry.'

/** @param raw the options as given, for `request.header.*`. Throws `ConfigError`, with nothing of a secret in it. */
export function registryConnection(config: RegistryConfig, raw: ConnectorConfig): RegistryConnection {
  const given = config['schema.registry.url'].map((url) => new URL(url))
  return {
    urls: given.map(withoutLogin),
    authorizations: authorizations(config, given),
    headers: Object.fromEntries(
      Object.entries(raw).flatMap(([name, value]) =>
        name.startsWith(HEADER_PREFIX) && value !== null ? [[name.slice(HEADER_PREFIX.length), value]] : [],
      ),
    ),
    tls: given.some((url) => url.protocol === 'https:') ? tlsOf(config) : null,
    isHostNameVerified: config['schema.registry.ssl.endpoint.identification.algorithm'] !== '',
    connectTimeoutMs: config['http.connect.timeout.ms'],
    readTimeoutMs: config['http.read.timeout.ms'],
    maxRetries: config['max.retries'],
    retryWaitMs: config['retries.wait.ms'],
    maxRetryWaitMs: config['retries.max.wait.ms'],
  }
}

function withoutLogin(url: URL): URL {
  const bare = new URL(url)
  bare.username = ''
  bare.password = ''
  return bare
}

function authorizations(config: RegistryConfig, urls: readonly URL[]): (string | null)[] {
  const token = config['bearer.auth.token']
  if (token !== '') return urls.map(() => `Bearer ${token}`)
  switch (config['basic.auth.credentials.source']) {
    case 'USER_INFO': {
      const login = config['schema.registry.basic.auth.user.info'] || config['basic.auth.user.info']
      if (login === '') {
        throw new ConfigError(
          'connect.config-invalid',
          'UserInfo must be provided when basic.auth.credentials.source is set to USER_INFO: set basic.auth.user.info to user:password',
        )
      }
      return urls.map(() => basic(login))
    }
    case 'SASL_INHERIT': {
      const login = jaasLogin(config['sasl.jaas.config'] ?? '')
      return urls.map(() => basic(login))
    }
    default:
      return urls.map(({ username, password }) =>
        username === '' ? null : basic(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`),
      )
  }
}

function basic(login: string): string {
  return `Basic ${Buffer.from(login).toString('base64')}`
}

/** `…LoginModule required username="u" password="p";` */
function jaasLogin(jaas: string): string {
  const value = (name: string): string | undefined => {
    const match = new RegExp(`\\b${name}\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s;]+))`).exec(jaas)
    return match?.[1]?.replaceAll(/\\(.)/g, '$1') ?? match?.[2]
  }
  const user = value('username')
  if (user === undefined) {
    throw new ConfigError(
      'connect.config-invalid',
      'basic.auth.credentials.source=SASL_INHERIT needs a sasl.jaas.config with username and password',
    )
  }
  return `${user}:${value('password') ?? ''}`
}

function tlsOf(config: RegistryConfig): TlsSettings {
  return tlsSettings(sslPropertiesBelow(TLS_PREFIX, config), TLS_PREFIX)
}
