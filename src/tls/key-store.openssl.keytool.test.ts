import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { KEY_STORE_PASSWORD, TestAuthority, type Identity } from '../../test/servers/certificates.ts'
import { pemStore, readKeyStore } from './key-store.ts'
import { tlsSettings, type SslProperties } from './ssl-properties.ts'

const NONE: SslProperties = {
  'ssl.keystore.location': null,
  'ssl.keystore.password': null,
  'ssl.keystore.key': null,
  'ssl.keystore.certificate.chain': null,
  'ssl.key.password': null,
  'ssl.truststore.location': null,
  'ssl.truststore.password': null,
  'ssl.truststore.certificates': null,
  'ssl.enabled.protocols': ['TLSv1.2', 'TLSv1.3'],
  'ssl.cipher.suites': [],
}

describe("Java's key stores", () => {
  let authority: TestAuthority
  let identity: Identity
  const at = (name: string): string => join(authority.place, name)
  const keytool = (...args: readonly string[]) =>
    execFileSync('keytool', [...args, '-noprompt', '-storepass', KEY_STORE_PASSWORD], { stdio: 'pipe' })
  const open = (name: string, password: string | null = KEY_STORE_PASSWORD) =>
    readKeyStore({
      file: at(name),
      password,
      option: 'x.ssl.keystore.location',
      passwordOption: 'x.ssl.keystore.password',
    })

  before(() => {
    authority = new TestAuthority()
    identity = authority.issue('client')
    for (const type of ['JKS', 'PKCS12']) {
      const trust = ['-alias', 'ca', '-file', authority.certificate, '-storetype', type]
      keytool('-importcert', ...trust, '-keystore', at(`trust.${type}`))
      keytool('-genkeypair', '-alias', 'ec', '-keyalg', 'EC', '-dname', 'CN=ec', '-storetype', type, '-keystore', at(`ec.${type}`), '-keypass', KEY_STORE_PASSWORD) // prettier-ignore
    }
    const from = [
      '-srckeystore',
      identity.pkcs12,
      '-srcstorepass',
      KEY_STORE_PASSWORD,
      '-srcstoretype',
      'PKCS12',
    ]
    keytool('-importkeystore', ...from, '-destkeystore', at('client.JKS'), '-deststoretype', 'JKS')
  })
  after(() => authority[Symbol.dispose]())

  const fingerprint = (pem: string) => new X509Certificate(pem).fingerprint256

  for (const type of ['JKS', 'PKCS12']) {
    test(`the authorities of a ${type} file are read`, () => {
      const { authorities, key } = open(`trust.${type}`)
      assert.equal(fingerprint(authorities), fingerprint(authority.pem))
      assert.equal(key, '')
    })

    test(`an elliptic key of a ${type} file is read`, () => {
      const { key, chain } = open(`ec.${type}`)
      assert.equal(createPrivateKey(key).asymmetricKeyType, 'ec')
      assert.ok(new X509Certificate(chain).checkPrivateKey(createPrivateKey(key)))
    })

    test(`a wrong password of a ${type} file, or none, names the property`, () => {
      const wrong = /x\.ssl\.keystore\.location: .*cannot be opened with x\.ssl\.keystore\.password$/
      assert.throws(() => open(`trust.${type}`, 'mistaken'), wrong)
      const none = new RegExp(`x\\.ssl\\.keystore\\.password: .* is a ${type} file and needs it$`)
      assert.throws(() => open(`trust.${type}`, null), none)
    })
  }

  test('the key of openssl comes back out of each kind of file', () => {
    const expected = createPrivateKey(readFileSync(identity.key)).export({ type: 'pkcs8', format: 'pem' })
    const p12 = readKeyStore({
      file: identity.pkcs12,
      password: KEY_STORE_PASSWORD,
      option: '',
      passwordOption: '',
    })
    for (const { key, chain } of [p12, open('client.JKS'), pemStore(readFileSync(identity.pem, 'utf8'))]) {
      assert.equal(createPrivateKey(key).export({ type: 'pkcs8', format: 'pem' }), expected)
      assert.equal(fingerprint(chain), fingerprint(readFileSync(identity.certificate, 'utf8')))
    }
  })

  test('settings name what is missing, by the names that the user wrote', () => {
    const refused = (properties: Partial<SslProperties>, message: RegExp) =>
      assert.throws(() => tlsSettings({ ...NONE, ...properties }, 'elastic.https.'), message)
    refused({ 'ssl.keystore.location': authority.certificate }, /elastic\.https\.ssl\.keystore\.location: .* must hold a private key/) // prettier-ignore
    refused({ 'ssl.truststore.location': identity.key }, /ssl\.truststore\.location: .* has no trusted certificate/) // prettier-ignore
    refused({ 'ssl.truststore.location': at('none') }, /cannot be read: ENOENT/)
    refused({ 'ssl.truststore.certificates': 'x' }, /ssl\.truststore\.certificates: it must be certificates/)
    refused({ 'ssl.keystore.key': 'secret text' }, /^(?!.*secret).*ssl\.keystore\.key: it must be a private/)
    refused({ 'ssl.enabled.protocols': ['TLSv1'] }, /ssl\.enabled\.protocols: it must have TLSv1\.2 or/)
    refused({ 'ssl.cipher.suites': ['TLS_NO'] }, /ssl\.cipher\.suites: TLS_NO is not known/)
    writeFileSync(at('empty'), '')
    refused({ 'ssl.truststore.location': at('empty') }, /is neither a PEM nor a PKCS12 nor a JKS file/)
  })

  test("Java's names of cipher suites become those of OpenSSL", () => {
    const { ciphers } = tlsSettings({
      ...NONE,
      'ssl.cipher.suites': ['TLS_AES_256_GCM_SHA384', 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'],
    })
    assert.equal(ciphers, 'TLS_AES_256_GCM_SHA384:ECDHE-RSA-AES128-GCM-SHA256')
  })

  test('PEM may have lost its lines, as in one line of a properties file', () => {
    const spaced = authority.pem.replaceAll('\n', ' ')
    const escaped = authority.pem.replaceAll('\n', '\\n')
    for (const text of [spaced, escaped]) {
      assert.equal(fingerprint(pemStore(text).authorities), fingerprint(authority.pem))
    }
  })
})
