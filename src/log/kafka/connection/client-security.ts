import { ConfigDef, validators, type OptionDefinitions, type ParsedConfig } from '../../../api/config-def.ts'
import { ConfigError } from '../../../api/errors.ts'
import { tlsSettings } from '../../../tls/ssl-properties.ts'
import { jaasOptions } from './jaas-config.ts'
import type {
  ClientProperties,
  KafkaLogin,
  KafkaSecurity,
  KafkaTls,
  TokenEndpoint,
} from '../kafka-log-description.ts'

const PROTOCOLS = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL']
const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'] as const

const text = (documentation: string) =>
  ({ type: 'STRING', default: null, importance: 'MEDIUM', documentation }) as const
const secret = (documentation: string) =>
  ({ type: 'PASSWORD', default: null, importance: 'MEDIUM', documentation }) as const

export const securityOptions = {
  'security.protocol': {
    type: 'STRING',
    default: 'PLAINTEXT',
    validator: validators.oneOf(...PROTOCOLS),
    importance: 'MEDIUM',
    documentation: 'PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL.',
  },
  'sasl.mechanism': {
    type: 'STRING',
    // Kafka's own default is GSSAPI, which needs Kerberos.
    default: 'PLAIN',
    validator: validators.oneOf(...MECHANISMS),
    importance: 'MEDIUM',
    documentation: 'PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER.',
  },
  'sasl.jaas.config': secret('The login, as Kafka writes it: … required username="…" password="…";'),
  'sasl.oauthbearer.token.endpoint.url': text('Where OAUTHBEARER gets its tokens.'),
  'sasl.oauthbearer.client.credentials.client.id': text('The client id for the token endpoint.'),
  'sasl.oauthbearer.client.credentials.client.secret': secret('The client secret for the token endpoint.'),
  'sasl.oauthbearer.scope': text('The scope to ask the token endpoint for.'),
  'ssl.truststore.location': text(
    'A file with the certificates of authorities to trust: PEM, PKCS12 or JKS. By default those of Node.js.',
  ),
  'ssl.truststore.certificates': secret('Certificates of authorities to trust, in PEM form.'),
  'ssl.truststore.password': secret('The password of a PKCS12 or JKS file.'),
  'ssl.truststore.type': text('Of no meaning: the content of the file tells.'),
  'ssl.keystore.location': text(
    'A file with the key and the certificate of this client: PEM, PKCS12 or JKS.',
  ),
  'ssl.keystore.password': secret('The password of a PKCS12 or JKS file.'),
  'ssl.keystore.key': secret('The private key of this client, in PEM form.'),
  'ssl.keystore.certificate.chain': secret('The certificate of this client, in PEM form.'),
  'ssl.keystore.type': text('Of no meaning: the content of the file tells.'),
  'ssl.key.password': secret("The password of this client's private key."),
  'ssl.endpoint.identification.algorithm': {
    ...text('https, or empty to take the certificate of another host, too.'),
    default: 'https',
  },
  'ssl.enabled.protocols': {
    type: 'LIST',
    default: ['TLSv1.2', 'TLSv1.3'],
    importance: 'MEDIUM',
    documentation: 'TLSv1.2, TLSv1.3 or both.',
  },
  'ssl.cipher.suites': {
    type: 'LIST',
    default: [],
    importance: 'LOW',
    documentation: 'The cipher suites to offer; by default those of Node.js.',
  },
} as const satisfies OptionDefinitions

const definition = new ConfigDef(securityOptions)
type Parsed = ParsedConfig<typeof securityOptions>

/** Null: neither TLS nor a login. Throws `ConfigError`, with nothing of a secret in it. */
export function clientSecurity(properties: ClientProperties): KafkaSecurity | null {
  const parsed = definition.parse(properties)
  const protocol = parsed['security.protocol']
  if (protocol === 'PLAINTEXT') return null
  return {
    ...(protocol.endsWith('SSL') ? { tls: tlsOf(parsed) } : {}),
    ...(protocol.startsWith('SASL_') ? { sasl: loginOf(parsed) } : {}),
  }
}

function tlsOf(parsed: Parsed): KafkaTls {
  return {
    ...tlsSettings(parsed),
    verifiesHost: parsed['ssl.endpoint.identification.algorithm'].trim() !== '',
  }
}

function loginOf(parsed: Parsed): KafkaLogin {
  const mechanism = parsed['sasl.mechanism'] as (typeof MECHANISMS)[number]
  const options = jaasOptions(parsed['sasl.jaas.config'] ?? '')
  if (mechanism === 'OAUTHBEARER') return { mechanism, token: tokenEndpoint(parsed, options) }
  const { username, password } = options
  if (username === undefined || password === undefined) {
    throw invalid('sasl.jaas.config', 'it must say username="..." and password="..."')
  }
  return { mechanism, username, password }
}

function tokenEndpoint(parsed: Parsed, options: Readonly<Record<string, string>>): TokenEndpoint {
  const url = parsed['sasl.oauthbearer.token.endpoint.url']
  if (url === null || !URL.canParse(url) || !['https:', 'http:'].includes(new URL(url).protocol)) {
    throw invalid('sasl.oauthbearer.token.endpoint.url', 'OAUTHBEARER needs the URL of a token endpoint')
  }
  const clientId = parsed['sasl.oauthbearer.client.credentials.client.id'] ?? options['clientId']
  const clientSecret = parsed['sasl.oauthbearer.client.credentials.client.secret'] ?? options['clientSecret']
  if (clientId === undefined || clientSecret === undefined) {
    throw invalid('sasl.jaas.config', 'OAUTHBEARER needs clientId="..." and clientSecret="..."')
  }
  const scope = parsed['sasl.oauthbearer.scope'] ?? options['scope']
  const { ca } = tlsSettings(parsed)
  return {
    url,
    clientId,
    clientSecret,
    ...(scope === undefined ? {} : { scope }),
    ...(ca === undefined ? {} : { ca }),
  }
}

function invalid(option: string, problem: string): ConfigError {
  return new ConfigError('connect.config-invalid', `Invalid value for configuration ${option}: ${problem}`)
}
