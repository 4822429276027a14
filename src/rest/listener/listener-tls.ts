import { readFileSync } from 'node:fs'
import { getCiphers, type TlsOptions } from 'node:tls'
import {
  ConfigDef,
  validators,
  type ConnectorConfig,
  type OptionDefinitions,
  type ParsedConfig,
} from '../../api/config-def.ts'
import { ConfigError, describeError } from '../../api/errors.ts'

const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const
const STORE_TYPES = ['JKS', 'PKCS12', 'PEM'] as const
/** How a keystore in Java's own format begins. */
const JKS_MAGIC = 0xfeedfeed

const options = {
  'ssl.keystore.location': text('MEDIUM', 'File with the private key and its certificates: PEM or PKCS12.'),
  'ssl.keystore.password': secret('Password of the keystore.'),
  'ssl.keystore.type': storeType('keystore'),
  'ssl.key.password': secret('Password of the private key in a PEM file or in ssl.keystore.key.'),
  'ssl.keystore.key': secret('The private key itself, as PEM, in place of a file.'),
  'ssl.keystore.certificate.chain': text('MEDIUM', 'The certificates of that key, as PEM.'),
  'ssl.truststore.location': text('MEDIUM', 'PEM file with the authorities whose client certificates count.'),
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
  'ssl.protocol': text('LOW', 'Accepted for compatibility; ssl.enabled.protocols counts.'),
  'ssl.cipher.suites': {
    type: 'LIST',
    default: [],
    importance: 'LOW',
    documentation: "Cipher suites by Java's or OpenSSL's names; those of Node.js by default.",
  },
} as const satisfies OptionDefinitions

const tlsConfigDef = new ConfigDef(options)

/** The names that these options have in a worker's properties, for who looks for unknown ones. */
export function isTlsProperty(name: string): boolean {
  return Object.hasOwn(options, name.replace(/^(?:admin\.)?listeners\.https\./, ''))
}

/**
 * What an `https://` listener needs. Properties below `prefix` count all together where there is one of them, otherwise
 * those without a prefix, as in the reference. Throws `ConfigError`.
 */
export function listenerTls(
  properties: ConnectorConfig,
  prefix: 'listeners.https.' | 'admin.listeners.https.',
): TlsOptions {
  const prefixed = Object.entries(properties).filter(([name]) => name.startsWith(prefix))
  const own = prefixed.map(([name, value]) => [name.slice(prefix.length), value] as const)
  const isPrefixed = own.length > 0
  const parsed = tlsConfigDef.parse(isPrefixed ? Object.fromEntries(own) : properties)
  const nameOf = (option: string): string => (isPrefixed ? prefix + option : option)
  const tls = {
    ...identity(parsed, nameOf),
    ...clientCertificates(parsed, nameOf),
    ...protocols(parsed, nameOf),
  }
  return tls
}

type Parsed = ParsedConfig<typeof options>
type NameOf = (option: keyof typeof options) => string

function identity(parsed: Parsed, nameOf: NameOf): TlsOptions {
  const key = parsed['ssl.keystore.key']
  const passphrase = parsed['ssl.key.password'] ?? parsed['ssl.keystore.password']
  const secured = passphrase === null ? {} : { passphrase }
  if (key !== null) {
    const cert = parsed['ssl.keystore.certificate.chain']
    if (cert === null)
      throw invalid(nameOf('ssl.keystore.certificate.chain'), 'it must come with ssl.keystore.key')
    return { key: unfolded(key), cert: unfolded(cert), ...secured }
  }
  const option = nameOf('ssl.keystore.location')
  const file = parsed['ssl.keystore.location']
  if (file === null) {
    throw invalid(option, 'a listener with https needs a file with its private key and certificates')
  }
  const bytes = readStore(option, file)
  if (isPem(bytes)) return { key: bytes, cert: bytes, ...secured }
  const password = parsed['ssl.keystore.password']
  return { pfx: bytes, ...(password === null ? {} : { passphrase: password }) }
}

function clientCertificates(parsed: Parsed, nameOf: NameOf): TlsOptions {
  const auth = parsed['ssl.client.auth']
  const given = parsed['ssl.truststore.certificates']
  const file = parsed['ssl.truststore.location']
  if (auth === 'none') return {}
  const asked = { requestCert: true, rejectUnauthorized: auth === 'required' }
  if (given !== null) return { ...asked, ca: unfolded(given) }
  const option = nameOf('ssl.truststore.location')
  if (file === null) throw invalid(option, 'client certificates need the authorities that count')
  const ca = readStore(option, file)
  if (isPem(ca)) return { ...asked, ca }
  throw invalid(
    option,
    `${file} is no PEM file. Make one: keytool -exportcert -rfc -keystore ${file} -alias ALIAS > authorities.pem`,
  )
}

function protocols(parsed: Parsed, nameOf: NameOf): TlsOptions {
  const enabled = parsed['ssl.enabled.protocols']
  const wrong = enabled.find((version) => !VERSIONS.some((known) => known === version))
  if (wrong !== undefined || enabled.length === 0) {
    throw invalid(
      nameOf('ssl.enabled.protocols'),
      `${wrong ?? 'nothing'} is not among ${VERSIONS.join(', ')}`,
    )
  }
  const known = new Set(getCiphers())
  const ciphers = parsed['ssl.cipher.suites'].map((suite) => {
    const name = opensslCipher(suite)
    if (known.has(name.toLowerCase())) return name
    throw invalid(nameOf('ssl.cipher.suites'), `${suite} is not known here`)
  })
  return {
    minVersion: enabled.includes('TLSv1.2') ? 'TLSv1.2' : 'TLSv1.3',
    maxVersion: enabled.includes('TLSv1.3') ? 'TLSv1.3' : 'TLSv1.2',
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

function readStore(option: string, file: string): Buffer {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (cause) {
    throw invalid(option, `${file} cannot be read: ${describeError(cause)}`)
  }
  if (bytes.length > 4 && bytes.readUInt32BE(0) === JKS_MAGIC) {
    throw invalid(
      option,
      `${file} is a JKS keystore, which only Java reads. Convert it: keytool -importkeystore -srckeystore ${file} ` +
        '-destkeystore keystore.p12 -deststoretype PKCS12',
    )
  }
  return bytes
}

function isPem(bytes: Buffer): boolean {
  return bytes.includes('-----BEGIN ')
}

/** PEM in one line of a properties file, with spaces where lines ended. */
function unfolded(pem: string): string {
  if (pem.includes('\n')) return pem
  return pem.replace(
    /(-----BEGIN [^-]+-----)\s*(.*?)\s*(-----END [^-]+-----)\s*/g,
    (_, begin: string, body: string, end: string) => `${begin}\n${body.replace(/\s+/g, '\n')}\n${end}\n`,
  )
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
    documentation: `Kind of the ${what}; what the file holds counts. JKS has to be converted to PKCS12.`,
  } as const
}
