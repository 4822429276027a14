import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type * as JksModule from 'jks-js'
import type * as ForgeModule from 'node-forge'
import type { asn1, pkcs12 } from 'node-forge'
import { ConfigError, describeError } from '../api/errors.ts'

/** What a PEM, PKCS12 or JKS file holds, all of it as PEM; empty where there is none. */
export interface KeyStore {
  /** Still encrypted where a PEM file has it so. */
  readonly key: string
  /** The certificates of the key, its own first. */
  readonly chain: string
  readonly authorities: string
}

export interface KeyStoreFile {
  readonly file: string
  readonly password: string | null
  /** Of the key in it, where it is not the store's. */
  readonly keyPassword?: string | null
  /** The property that names the file, and the one that has its password, for messages. */
  readonly option: string
  readonly passwordOption: string
}

/** How a file in Java's own format begins. */
const JKS_MAGIC = 0xfeedfeed
/** PKCS12 is DER, a sequence. */
const DER_SEQUENCE = 0x30

/** Reads a key store; its content tells the format. Throws `connect.config-invalid`. */
export function readKeyStore(store: KeyStoreFile): KeyStore {
  const { file, option, password } = store
  let content: Buffer
  try {
    content = readFileSync(file)
  } catch (cause) {
    throw invalid(option, `${file} cannot be read: ${describeError(cause)}`)
  }
  if (content.includes('-----BEGIN ')) return pemStore(content.toString())
  const isJava = content.length > 4 && content.readUInt32BE(0) === JKS_MAGIC
  if (!isJava && content[0] !== DER_SEQUENCE) {
    throw invalid(option, `${file} is neither a PEM nor a PKCS12 nor a JKS file`)
  }
  if (password === null) {
    throw invalid(store.passwordOption, `${file} is a ${isJava ? 'JKS' : 'PKCS12'} file and needs it`)
  }
  return opened(isJava ? openJks : openPkcs12, store, content, password)
}

/** Text that is PEM, also out of one line of a properties file, with spaces or `\n` where lines ended. */
export function pemStore(text: string): KeyStore {
  const blocks = [...text.matchAll(/-----BEGIN ([^-]+)-----([\s\S]*?)-----END \1-----/g)]
  const of = (kind: RegExp) =>
    blocks.flatMap(([, label, body]) => (kind.test(label!) ? [block(label!, body!)] : [])).join('')
  const chain = of(/^(TRUSTED |X509 )?CERTIFICATE$/)
  return { key: of(/PRIVATE KEY$/), chain, authorities: chain }
}

function block(label: string, body: string): string {
  const lines = body
    .replaceAll('\\n', '\n')
    .split(body.includes(':') ? '\n' : /\s+/)
    .map((line) => line.trim())
  // The headers of an old encrypted key end with an empty line, which counts.
  const text = body.includes(':') ? lines.join('\n').trim() : lines.filter((line) => line !== '').join('\n')
  return `-----BEGIN ${label}-----\n${text}\n-----END ${label}-----\n`
}

type Open = (content: Buffer, password: string, keyPassword: string) => KeyStore

function opened(open: Open, store: KeyStoreFile, content: Buffer, password: string): KeyStore {
  try {
    return open(content, password, store.keyPassword ?? password)
  } catch {
    // What the libraries say may quote what they read.
    throw invalid(store.option, `${store.file} cannot be opened with ${store.passwordOption}`)
  }
}

// The libraries are loaded when they are needed: a worker whose files are PEM does not pay for them.
const load = createRequire(import.meta.url)

function openJks(content: Buffer, password: string, keyPassword: string): KeyStore {
  const jks = load('jks-js') as typeof JksModule
  const entries = Object.values(jks.toPem(content, password, keyPassword))
  const own = entries.find(({ key }) => key !== undefined)
  return {
    key: withLineEnd(own?.key),
    chain: withLineEnd(own?.cert),
    authorities: entries.map(({ ca }) => withLineEnd(ca)).join(''),
  }
}

function openPkcs12(content: Buffer, password: string): KeyStore {
  const { asn1, pem, pki, pkcs12, util } = load('node-forge') as typeof ForgeModule
  const store = pkcs12.pkcs12FromAsn1(asn1.fromDer(util.createBuffer(content.toString('binary'))), password)
  const bags = store.safeContents.flatMap(({ safeBags }) => safeBags)
  // Elliptic keys and certificates are not parsed, but they are there.
  const toPem = (type: string, parsed: asn1.Asn1) => pem.encode({ type, body: asn1.toDer(parsed).getBytes() })
  const keys = bags.filter(
    ({ type }) => type === pki.oids['keyBag'] || type === pki.oids['pkcs8ShroudedKeyBag'],
  )
  const certificates = bags.filter(({ type }) => type === pki.oids['certBag'])
  const [own] = keys
  const ownId = own === undefined ? undefined : localKeyId(own)
  const isOwn = (bag: pkcs12.Bag) => ownId !== undefined && localKeyId(bag) === ownId
  const ownFirst = [...certificates.filter(isOwn), ...certificates.filter((bag) => !isOwn(bag))]
  const all = ownFirst
    .map(({ cert, asn1: raw }) => toPem('CERTIFICATE', cert ? pki.certificateToAsn1(cert) : raw))
    .join('')
  if (own === undefined) return { key: '', chain: '', authorities: all }
  const key = own.key ? pki.wrapRsaPrivateKey(pki.privateKeyToAsn1(own.key)) : own.asn1
  return { key: toPem('PRIVATE KEY', key), chain: all, authorities: all }
}

/** What a key and its certificate have in common. */
function localKeyId({ attributes }: pkcs12.Bag): string | undefined {
  return (attributes as { readonly localKeyId?: readonly string[] }).localKeyId?.[0]
}

function withLineEnd(pem: string | undefined): string {
  return pem === undefined ? '' : `${pem.trim()}\n`
}

function invalid(option: string, problem: string): ConfigError {
  return new ConfigError('connect.config-invalid', `Invalid value for configuration ${option}: ${problem}`)
}
