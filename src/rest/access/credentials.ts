import { createHash, timingSafeEqual } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { ConfigError } from '../../api/errors.ts'
import { HttpError } from '../http-error.ts'
import { isPassword, isPasswordHash } from './password-hash.ts'

/** Logins that were found right, so that only the first request of a client waits for its hash. */
const MOST_REMEMBERED = 200
/** Tries that may wait: each costs memory and a fifth of a second. */
const MOST_WAITING = 32

/** Who may use the REST API: users with passwords (basic), the bearer of a token, or both. */
export class Credentials {
  readonly #users: ReadonlyMap<string, string>
  readonly #token: Buffer | null
  readonly #remembered = new Set<string>()
  #waiting = 0
  #queue: Promise<unknown> = Promise.resolve()

  /** @param users names with hashes of `hashPassword` */
  constructor(users: ReadonlyMap<string, string>, token: string | null) {
    this.#users = users
    this.#token = token === null ? null : digest(token)
  }

  /** Null where nothing is protected. Throws `ConfigError` for a file that cannot be read or has a bad line. */
  static async load(usersFile: string | null, token: string | null): Promise<Credentials | null> {
    if (token?.trim() === '') {
      throw new ConfigError('connect.config-invalid', 'The token in rest.auth.bearer.token is empty')
    }
    if (usersFile === null && token === null) return null
    const users = usersFile === null ? new Map<string, string>() : await readUsers(usersFile)
    return new Credentials(users, token)
  }

  /** Throws the `HttpError` (401) of a request that may not pass. */
  async check(authorization: string | undefined): Promise<void> {
    const [scheme = '', value = ''] = authorization?.trim().split(/\s+/, 2) ?? []
    if (scheme.toLowerCase() === 'bearer' && this.#isToken(value)) return
    if (scheme.toLowerCase() === 'basic' && (await this.#isUser(value))) return
    throw new HttpError(
      'rest.unauthorized',
      { status: 401, headers: { 'www-authenticate': this.#challenge() } },
      'User cannot access the resource.',
    )
  }

  #isToken(value: string): boolean {
    return this.#token !== null && timingSafeEqual(digest(value), this.#token)
  }

  async #isUser(value: string): Promise<boolean> {
    const text = Buffer.from(value, 'base64').toString()
    const colon = text.indexOf(':')
    const hash = this.#users.get(text.slice(0, Math.max(0, colon)))
    if (hash === undefined) return false
    const login = digest(text).toString('base64')
    if (this.#remembered.has(login)) return true
    if (!(await this.#inTurn(() => isPassword(text.slice(colon + 1), hash)))) return false
    if (this.#remembered.size >= MOST_REMEMBERED) this.#remembered.clear()
    this.#remembered.add(login)
    return true
  }

  /** One after the other: many tries at once would take the machine's memory. */
  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= MOST_WAITING) {
      const answer = { status: 429, headers: { 'retry-after': '5' } }
      throw new HttpError('rest.unauthorized', answer, 'Too many logins are being checked; try again later')
    }
    this.#waiting++
    const turn = this.#queue.then(work)
    this.#queue = turn.catch(() => {})
    return turn.finally(() => this.#waiting--)
  }

  #challenge(): string {
    return this.#users.size > 0 ? 'Basic realm="tailrace", charset="UTF-8"' : 'Bearer realm="tailrace"'
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

async function readUsers(file: string): Promise<Map<string, string>> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    throw new ConfigError(
      'connect.config-invalid',
      `The users file ${file} (rest.auth.users.file) cannot be read`,
      {
        cause,
      },
    )
  }
  const users = new Map<string, string>()
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(?:#|$)/.test(line)) continue
    const [user = '', hash = ''] = line.trim().split(/:(.*)/, 2)
    if (user === '' || !isPasswordHash(hash)) {
      throw new ConfigError(
        'connect.config-invalid',
        `Line ${index + 1} of the users file ${file} is not NAME:HASH; \`tailrace hash-password\` makes the hash`,
      )
    }
    users.set(user, hash)
  }
  return users
}
