import { createHmac, generateKeySync, timingSafeEqual } from 'node:crypto'
import { ConfigError, ConnectError } from '../../api/errors.ts'
import type { RequestSignature } from '../herder.ts'
import type { SessionKey } from './config-records.ts'

/** What Java's algorithms are called in Node, and how long their keys are in Java unless said. */
const ALGORITHMS: { readonly [javaName: string]: { readonly hash: string; readonly keyBytes: number } } = {
  HmacMD5: { hash: 'md5', keyBytes: 64 },
  HmacSHA1: { hash: 'sha1', keyBytes: 64 },
  HmacSHA224: { hash: 'sha224', keyBytes: 28 },
  HmacSHA256: { hash: 'sha256', keyBytes: 32 },
  HmacSHA384: { hash: 'sha384', keyBytes: 48 },
  HmacSHA512: { hash: 'sha512', keyBytes: 64 },
}

export const sessionKeyAlgorithms: readonly string[] = Object.keys(ALGORITHMS)

/** `inter.worker.*` of the worker's properties. */
export interface SessionKeyOptions {
  readonly keyAlgorithm: string
  /** In bits; null: what the algorithm has in Java. */
  readonly keySize: number | null
  readonly keyTtlMs: number
  readonly signatureAlgorithm: string
  readonly verificationAlgorithms: readonly string[]
}

export const SIGNATURE_HEADER = 'x-connect-authorization'
export const ALGORITHM_HEADER = 'x-connect-request-signature-algorithm'

/** Signs requests to other workers and checks theirs with the key that the leader hands out in the config topic. */
export class SessionKeys {
  readonly #options: SessionKeyOptions
  readonly #current: () => SessionKey | null

  constructor(options: SessionKeyOptions, current: () => SessionKey | null) {
    this.#options = options
    this.#current = current
  }

  /** When the leader has to hand out another key: 0 for at once. On the clock of `Date.now`. */
  get dueMs(): number {
    const key = this.#current()
    const { keyAlgorithm, keyTtlMs } = this.#options
    if (key === null || key.algorithm !== keyAlgorithm || key.key.length !== this.#keyBytes) return 0
    return keyTtlMs > 0 ? key.createdMs + keyTtlMs : Infinity
  }

  create(nowMs: number): SessionKey {
    const key = generateKeySync('hmac', { length: this.#keyBytes * 8 }).export()
    return { key, algorithm: this.#options.keyAlgorithm, createdMs: nowMs }
  }

  /** The headers of a request with this body; none as long as there is no key. */
  sign(body: string): Readonly<Record<string, string>> {
    const key = this.#current()
    const { signatureAlgorithm } = this.#options
    if (key === null) return {}
    return {
      [SIGNATURE_HEADER]: hmac(signatureAlgorithm, key.key, body).toString('base64'),
      [ALGORITHM_HEADER]: signatureAlgorithm,
    }
  }

  /** Throws `connect.request-unsigned`, `connect.session-key-missing`, `connect.signature-invalid`. */
  verify({ body, signature, algorithm }: RequestSignature): void {
    if (signature === undefined || algorithm === undefined) {
      throw new ConfigError('connect.request-unsigned', 'Internal request missing required signature')
    }
    const { verificationAlgorithms } = this.#options
    if (!verificationAlgorithms.includes(algorithm)) {
      throw new ConfigError(
        'connect.request-unsigned',
        `This worker does not support the '${algorithm}' key signing algorithm used by other workers. This worker is currently ` +
          `configured to use: [${verificationAlgorithms.join(', ')}]. Check that all workers' configuration files permit the same set ` +
          'of signature algorithms, and correct any misconfigured worker and restart it.',
      )
    }
    const key = this.#current()
    if (key === null) {
      throw new ConnectError(
        'connect.session-key-missing',
        'This worker is still starting up and has not been able to read a session key from the config topic yet',
      )
    }
    const expected = hmac(algorithm, key.key, body)
    const given = Buffer.from(signature, 'base64')
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw new ConnectError('connect.signature-invalid', 'Internal request contained invalid signature.')
    }
  }

  get #keyBytes(): number {
    const { keyAlgorithm, keySize } = this.#options
    return keySize === null ? ALGORITHMS[keyAlgorithm]!.keyBytes : Math.ceil(keySize / 8)
  }
}

function hmac(algorithm: string, key: Buffer, body: string): Buffer {
  return createHmac(ALGORITHMS[algorithm]!.hash, key).update(body).digest()
}
