import { getCiphers } from 'node:tls'
import { ConfigError } from '../api/errors.ts'
import { pemStore, readKeyStore, type KeyStore } from './key-store.ts'

/** Kafka's `ssl.*` properties, as they were parsed; null and empty mean "not set". */
export interface SslProperties {
  readonly 'ssl.keystore.location': string | null
  readonly 'ssl.keystore.password': string | null
  readonly 'ssl.keystore.key': string | null
  readonly 'ssl.keystore.certificate.chain': string | null
  readonly 'ssl.key.password': string | null
  readonly 'ssl.truststore.location': string | null
  readonly 'ssl.truststore.password': string | null
  readonly 'ssl.truststore.certificates': string | null
  readonly 'ssl.enabled.protocols': readonly string[]
  readonly 'ssl.cipher.suites': readonly string[]
}

/** Options of `node:tls`; plain text, so that they may go to other threads. */
export interface TlsSettings {
  readonly key?: string
  readonly cert?: string
  readonly passphrase?: string
  readonly ca?: string
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3'
  readonly maxVersion: 'TLSv1.2' | 'TLSv1.3'
  readonly ciphers?: string
}

const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const

const NAMES: readonly (keyof SslProperties)[] = [
  'ssl.keystore.location',
  'ssl.keystore.password',
  'ssl.keystore.key',
  'ssl.keystore.certificate.chain',
  'ssl.key.password',
  'ssl.truststore.location',
  'ssl.truststore.password',
  'ssl.truststore.certificates',
  'ssl.enabled.protocols',
  'ssl.cipher.suites',
]

/** The properties out of a configuration in which their names have a prefix. */
export function sslPropertiesBelow<P extends string>(
  prefix: P,
  config: { readonly [N in keyof SslProperties as `${P}${N}`]: SslProperties[N] },
): SslProperties {
  const values = config as Readonly<Record<string, unknown>>
  return Object.fromEntries(NAMES.map((name) => [name, values[prefix + name]])) as unknown as SslProperties
}

/**
 * What the properties mean for a side of a connection.
 *
 * @param prefix what the properties' names begin with where the user writes them, for messages. Throws
 *   `connect.config-invalid`, with nothing of a secret in it.
 */
export function tlsSettings(properties: SslProperties, prefix = ''): TlsSettings {
  const named = new NamedProperties(properties, prefix)
  return { ...identity(named), ...authorities(named), ...protocols(named) }
}

/** Values by name, and names as users write them. */
class NamedProperties {
  readonly values: SslProperties
  readonly #prefix: string

  constructor(values: SslProperties, prefix: string) {
    this.values = values
    this.#prefix = prefix
  }

  /** Null where the property is missing or blank. */
  text(option: Exclude<keyof SslProperties, 'ssl.enabled.protocols' | 'ssl.cipher.suites'>): string | null {
    const value = this.values[option]
    return value === null || value.trim() === '' ? null : value
  }

  name(option: keyof SslProperties): string {
    return this.#prefix + option
  }

  refuse(option: keyof SslProperties, problem: string): ConfigError {
    return new ConfigError(
      'connect.config-invalid',
      `Invalid value for configuration ${this.name(option)}: ${problem}`,
    )
  }

  store(kind: 'keystore' | 'truststore', file: string): KeyStore {
    return readKeyStore({
      file,
      password: this.text(`ssl.${kind}.password`),
      keyPassword: this.text('ssl.key.password'),
      option: this.name(`ssl.${kind}.location`),
      passwordOption: this.name(`ssl.${kind}.password`),
    })
  }
}

function identity(named: NamedProperties): Pick<TlsSettings, 'key' | 'cert' | 'passphrase'> {
  const inlineKey = named.text('ssl.keystore.key')
  const inlineChain = named.text('ssl.keystore.certificate.chain')
  const file = named.text('ssl.keystore.location')
  const passphrase = named.text('ssl.key.password') ?? named.text('ssl.keystore.password')
  const secured = passphrase === null ? {} : { passphrase }
  if (inlineKey !== null || inlineChain !== null) {
    const { key } = pemStore(inlineKey ?? '')
    const { chain } = pemStore(inlineChain ?? '')
    if (key === '') throw named.refuse('ssl.keystore.key', 'it must be a private key in PEM form')
    if (chain === '') {
      throw named.refuse('ssl.keystore.certificate.chain', "it must hold the key's certificates in PEM form")
    }
    return { key, cert: chain, ...secured }
  }
  if (file === null) return {}
  const { key, chain } = named.store('keystore', file)
  if (key === '' || chain === '') {
    throw named.refuse('ssl.keystore.location', `${file} must hold a private key and its certificates`)
  }
  return { key, cert: chain, ...secured }
}

function authorities(named: NamedProperties): Pick<TlsSettings, 'ca'> {
  const inline = named.text('ssl.truststore.certificates')
  const file = named.text('ssl.truststore.location')
  if (inline !== null) {
    const ca = pemStore(inline).authorities
    if (ca === '') throw named.refuse('ssl.truststore.certificates', 'it must be certificates in PEM form')
    return { ca }
  }
  if (file === null) return {}
  const ca = named.store('truststore', file).authorities
  if (ca === '') throw named.refuse('ssl.truststore.location', `${file} has no trusted certificate`)
  return { ca }
}

function protocols(named: NamedProperties): Pick<TlsSettings, 'minVersion' | 'maxVersion' | 'ciphers'> {
  const enabled = VERSIONS.filter((version) => named.values['ssl.enabled.protocols'].includes(version))
  if (enabled.length < named.values['ssl.enabled.protocols'].length || enabled.length === 0) {
    throw named.refuse('ssl.enabled.protocols', `it must have ${VERSIONS.join(' or ')}, or both`)
  }
  const known = new Set(getCiphers())
  const ciphers = named.values['ssl.cipher.suites'].map((suite) => {
    const name = opensslCipher(suite)
    if (known.has(name.toLowerCase())) return name
    throw named.refuse('ssl.cipher.suites', `${suite} is not known here`)
  })
  return {
    minVersion: enabled[0]!,
    maxVersion: enabled.at(-1)!,
    ...(ciphers.length === 0 ? {} : { ciphers: ciphers.join(':') }),
  }
}

/** `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256` is `ECDHE-RSA-AES128-GCM-SHA256`; those of TLS 1.3 are called alike. */
function opensslCipher(suite: string): string {
  if (!suite.includes('_WITH_')) return suite
  return suite
    .replace(/^TLS_/, '')
    .replace(/^RSA_WITH_/, '')
    .replace('_WITH_', '_')
    .replace(/AES_(\d+)/, 'AES$1')
    .replace(/_CBC_SHA/, '_SHA')
    .replace(/CHACHA20_POLY1305_SHA256/, 'CHACHA20_POLY1305')
    .replaceAll('_', '-')
}
