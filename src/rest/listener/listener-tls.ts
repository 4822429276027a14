import type { ConnectionOptions, TlsOptions } from 'node:tls'
import { ConfigDef, validators, type ConnectorConfig, type OptionDefinitions } from '../../api/config-def.ts'
import { ConfigError } from '../../api/errors.ts'
import { tlsSettings, type TlsSettings } from '../../tls/ssl-properties.ts'

const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const
const STORE_TYPES = ['JKS', 'PKCS12', 'PEM'] as const

const options = {
  'ssl.keystore.location': text(
    'MEDIUM',
    'File with the private key and its certificates: PEM, PKCS12 or JKS.',
  ),
  'ssl.keystore.password': secret('Password of the keystore.'),
  'ssl.keystore.type': storeType('keystore'),
  'ssl.key.password': secret('Password of the private key in a PEM file or in ssl.keystore.key.'),
  'ssl.keystore.key': secret('The private key itself, as PEM, in place of a file.'),
  'ssl.keystore.certificate.chain': text('MEDIUM', 'The certificates of that key, as PEM.'),
  'ssl.truststore.location': text(
    'MEDIUM',
    'File with the authorities whose certificates count, of clients and of other workers: PEM, PKCS12 or JKS.',
  ),
  'ssl.truststore.password': secret('Password of the truststore; PEM has none.'),
  'ssl.truststore.type': storeType('truststore'),
  'ssl.truststore.certificates': text('MEDIUM', 'These authorities themselves, as PEM, in place of a file.'),
  'ssl.client.auth': {
    type: 'STRING',
    default: 'none',
    validator: validators.oneOf('none', 'requested', 'required'),
    importance: 'LOW',
    documentation: 'Whether clients show a certificate: none, requested, required.',
  },
  'ssl.enabled.protocols': {
    type: 'LIST',
    default: [...VERSIONS],
    importance: 'LOW',
    documentation: 'Versions of TLS: TLSv1.2, TLSv1.3.',
  },
  'ssl.endpoint.identification.algorithm': {
    type: 'STRING',
    default: 'https',
    importance: 'LOW',
    documentation:
      'Whether another worker of the group must have a certificate for the name that it is asked by: https. Empty: it need not.',
  },
  'ssl.protocol': text('LOW', 'Accepted for compatibility; ssl.enabled.protocols counts.'),
  'ssl.cipher.suites': {
    type: 'LIST',
    default: [],
    importance: 'LOW',
    documentation: "Cipher suites by Java's or OpenSSL's names; those of Node.js by default.",
  },
} as const satisfies OptionDefinitions

export const tlsConfigDef = new ConfigDef(options)

/** The names that these options have in a worker's properties, for who looks for unknown ones. */
export function isTlsProperty(name: string): boolean {
  return Object.hasOwn(options, name.replace(/^(?:admin\.)?listeners\.https\./, ''))
}

/**
 * What an `https://` listener needs. Properties below a prefix count all together where there is one of them, otherwise
 * those without a prefix, as in the reference. Throws `ConfigError`.
 */
export function listenerTls(
  properties: ConnectorConfig,
  below: 'listeners.https.' | 'admin.listeners.https.',
): TlsOptions {
  const { parsed, prefix } = tlsProperties(properties, below)
  const nameOf = (option: string): string => prefix + option
  const settings = tlsSettings(parsed, prefix)
  if (settings.key === undefined) {
    throw invalid(
      nameOf('ssl.keystore.location'),
      'a listener with https needs a file with its private key and certificates',
    )
  }
  return { ...settings, ...clientCertificates(parsed['ssl.client.auth'], settings, nameOf) }
}

/** The same properties, for what this worker asks of others: it trusts whom its listeners trust, and shows their keys. */
export function workerClientTls(properties: ConnectorConfig): ConnectionOptions {
  const { parsed, prefix } = tlsProperties(properties, 'listeners.https.')
  const settings = tlsSettings(parsed, prefix)
  const isNameChecked = parsed['ssl.endpoint.identification.algorithm'].trim() !== ''
  return isNameChecked ? settings : { ...settings, checkServerIdentity: () => undefined }
}

function tlsProperties(properties: ConnectorConfig, prefix: 'listeners.https.' | 'admin.listeners.https.') {
  const prefixed = Object.entries(properties).filter(([name]) => name.startsWith(prefix))
  if (prefixed.length === 0) return { parsed: tlsConfigDef.parse(properties), prefix: '' }
  const own = prefixed.map(([name, value]) => [name.slice(prefix.length), value] as const)
  return { parsed: tlsConfigDef.parse(Object.fromEntries(own)), prefix }
}

function clientCertificates(
  auth: string,
  { ca }: TlsSettings,
  nameOf: (option: string) => string,
): Pick<TlsOptions, 'requestCert' | 'rejectUnauthorized'> {
  if (auth === 'none') return {}
  if (ca === undefined) {
    throw invalid(nameOf('ssl.truststore.location'), 'client certificates need the authorities that count')
  }
  return { requestCert: true, rejectUnauthorized: auth === 'required' }
}

function invalid(option: string, problem: string): ConfigError {
  return new ConfigError('connect.config-invalid', `Invalid value for configuration ${option}: ${problem}`)
}

function text(importance: 'MEDIUM' | 'LOW', documentation: string) {
  return { type: 'STRING', default: null, importance, documentation } as const
}

function secret(documentation: string) {
  return { type: 'PASSWORD', default: null, importance: 'HIGH', documentation } as const
}

function storeType(what: string) {
  return {
    type: 'STRING',
    default: null,
    validator: validators.oneOf(...STORE_TYPES),
    importance: 'MEDIUM',
    documentation: `Kind of the ${what}: PEM, PKCS12 or JKS. What the file holds counts.`,
  } as const
}
