import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canaryPassword } from './canary.ts'

export const KEY_STORE_PASSWORD = canaryPassword('key-store')

const DAYS = '2'

/** Files of one name: its key, its certificate, both in one PEM, both in one PKCS12 with `KEY_STORE_PASSWORD`. */
export interface Identity {
  readonly key: string
  readonly certificate: string
  readonly pem: string
  readonly pkcs12: string
}

/** An authority that lives as long as a test, and signs certificates for it. Needs openssl. */
export class TestAuthority implements Disposable {
  readonly place = mkdtempSync(join(tmpdir(), 'tailrace-ca-'))
  readonly certificate = join(this.place, 'ca.crt')
  readonly #key = join(this.place, 'ca.key')

  constructor() {
    this.#openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      DAYS,
      '-subj',
      '/CN=test authority',
      '-keyout',
      this.#key,
      '-out',
      this.certificate,
    )
  }

  get pem(): string {
    return readFileSync(this.certificate, 'utf8')
  }

  /** A certificate for 127.0.0.1 and localhost. */
  issue(name: string): Identity {
    const at = (ending: string): string => join(this.place, `${name}.${ending}`)
    const identity = { key: at('key'), certificate: at('crt'), pem: at('pem'), pkcs12: at('p12') }
    this.#openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      DAYS,
      '-subj',
      `/CN=${name}`,
      '-addext',
      'subjectAltName=IP:127.0.0.1,DNS:localhost',
      '-addext',
      'basicConstraints=critical,CA:FALSE',
      '-CA',
      this.certificate,
      '-CAkey',
      this.#key,
      '-keyout',
      identity.key,
      '-out',
      identity.certificate,
    )
    this.#openssl(
      'pkcs12',
      '-export',
      '-passout',
      `pass:${KEY_STORE_PASSWORD}`,
      '-out',
      identity.pkcs12,
      '-inkey',
      identity.key,
      '-in',
      identity.certificate,
    )
    execFileSync('sh', ['-c', 'cat "$1" "$2" > "$3"', 'sh', identity.key, identity.certificate, identity.pem])
    return identity
  }

  [Symbol.dispose](): void {
    rmSync(this.place, { recursive: true, force: true })
  }

  #openssl(...args: readonly string[]): void {
    execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  }
}
