import { sslPropertiesBelow, tlsSettings } from '../../tls/ssl-properties.ts'
import type { Authentication, AwsIdentity } from './authentication.ts'
import type { ClientOptions } from './client.ts'
import { parseNode } from './node-pool.ts'
import type { ElasticsearchConfig } from '../options/elasticsearch-options.ts'

/** The configuration in the client's terms. Throws `ConfigError`: a key store cannot be read. */
export function clientOptions(options: ElasticsearchConfig): ClientOptions {
  return {
    nodes: options['connection.url'].map(parseNode),
    authentication: authenticationOf(options),
    tls: tlsOf(options),
    proxy: proxyOf(options),
    isCompressed: options['connection.compression'],
    connectTimeoutMs: options['connection.timeout.ms'],
    readTimeoutMs: options['read.timeout.ms'],
    idleTimeoutMs: options['max.connection.idle.time.ms'],
    // One beside the bulk requests, for those about indices.
    maxConnections: options['max.in.flight.requests'] + 1,
    isHostNameVerified: options['elastic.https.ssl.endpoint.identification.algorithm'] !== '',
  }
}

/** Throws `ConfigError`: a key store cannot be read. */
export function tlsOf(options: ElasticsearchConfig): ClientOptions['tls'] {
  if (options['elastic.security.protocol'].toLowerCase() !== 'ssl') return null
  return tlsSettings(sslPropertiesBelow('elastic.https.', options), 'elastic.https.')
}

function proxyOf(options: ElasticsearchConfig): string | null {
  const host = options['proxy.host'].trim()
  if (host === '') return null
  const user = encodeURIComponent(options['proxy.username'])
  const login = user === '' ? '' : `${user}:${encodeURIComponent(options['proxy.password'] ?? '')}@`
  return `http://${login}${host.includes(':') ? `[${host}]` : host}:${options['proxy.port']}`
}

/** What is missing for it is told by the validation. */
function authenticationOf(options: ElasticsearchConfig): Authentication {
  const kind = options['connection.auth'].toLowerCase()
  switch (kind) {
    case 'api-key': {
      const key = options['connection.api.key'] ?? ''
      return { kind, encoded: key.includes(':') ? Buffer.from(key).toString('base64') : key }
    }
    case 'bearer':
      return { kind, token: options['connection.bearer.token'] ?? '' }
    case 'aws-sigv4':
      return { kind, ...awsIdentity(options) }
    default: {
      const username = options['connection.username']
      const credentials = username === null ? null : `${username}:${options['connection.password'] ?? ''}`
      return { kind: 'basic', credentials }
    }
  }
}

/** As options say, else as the environment does, with the names that all programs for AWS look at. */
function awsIdentity(options: ElasticsearchConfig): AwsIdentity {
  const given = options['connection.aws.access.key.id']
  const own = {
    accessKeyId: given ?? '',
    secretAccessKey: options['connection.aws.secret.access.key'] ?? '',
    sessionToken: options['connection.aws.session.token'],
  }
  const { env } = process
  const ofEnvironment = {
    accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
    secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? '',
    sessionToken: env['AWS_SESSION_TOKEN'] ?? null,
  }
  return {
    service: options['connection.aws.service'].toLowerCase() as AwsIdentity['service'],
    region: options['connection.aws.region'] ?? env['AWS_REGION'] ?? null,
    ...(given === null ? ofEnvironment : own),
  }
}
