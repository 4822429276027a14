import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { readFile } from 'node:fs/promises'
import { ConfigError } from '../../api/errors.ts'
import { HttpError } from '../http-error.ts'
import { LoginThrottle } from './login-throttle.ts'
import { digestOfPlain, isPassword, isPasswordHash } from './password-hash.ts'

/** How the console says who asks. */
const CONSOLE = 'tailrace-console'
/** Logins that were found right, so that only the first request of a client waits for its hash. */
const MOST_REMEMBERED = 200

/** Who may use the REST API: users with passwords (basic), the bearer of a token, or both. */
export class Credentials {
  readonly #users: ReadonlyMap<string, string>
  readonly #token: Buffer | null
  readonly #remembered = new Set<string>()
  readonly #throttle = new LoginThrottle()
  #queue: Promise<unknown> = Promise.resolve()

  /** @param users names with hashes of `hashPassword` */
  constructor(users: ReadonlyMap<string, string>, token: string | null) {
    this.#users = users
    this.#token = token === null ? null : digest(token)
  }

  /** Null where nothing is protected. `plainUsers` have passwords in clear text. Throws `ConfigError` for a file that cannot be read or has a bad line. */
  static async load(
    usersFile: string | null,
    token: string | null,
    plainUsers: ReadonlyMap<string, string> | null = null,
  ): Promise<Credentials | null> {
    if (token?.trim() === '') {
      throw new ConfigError('connect.config-invalid', 'The token in rest.auth.bearer.token is empty')
    }
    if (usersFile === null && token === null && plainUsers === null) return null
    const users = usersFile === null ? new Map<string, string>() : await readUsers(usersFile)
    for (const [user, password] of plainUsers ?? []) users.set(user, digestOfPlain(password))
    return new Credentials(users, token)
  }

  /**
   * Throws the `HttpError` (401) of a request that may not pass.
   *
   * @param address of the client: wrong tries from one take longer and longer
   */
  async check(
    { authorization, 'x-requested-with': by }: IncomingHttpHeaders,
    address: string,
  ): Promise<void> {
    const [scheme = '', value = ''] = authorization?.trim().split(/\s+/, 2) ?? []
    if (this.#isRemembered(scheme, value)) return
    if (value !== '' && (await this.#throttle.check(address, () => this.#isRight(scheme, value)))) return
    throw new HttpError(
      'rest.unauthorized',
      { status: 401, headers: { 'www-authenticate': this.#challenge(by === CONSOLE) } },
      'User cannot access the resource.',
    )
  }

  /** Who was found right before does not wait behind somebody who guesses. */
  #isRemembered(scheme: string, value: string): boolean {
    switch (scheme.toLowerCase()) {
      case 'bearer':
        return this.#token !== null && timingSafeEqual(digest(value), this.#token)
      case 'basic':
        return this.#remembered.has(loginOf(value))
      default:
        return false
    }
  }

  async #isRight(scheme: string, value: string): Promise<boolean> {
    return scheme.toLowerCase() === 'basic' && this.#isUser(value)
  }

  async #isUser(value: string): Promise<boolean> {
    const text = Buffer.from(value, 'base64').toString()
    const colon = text.indexOf(':')
    const hash = this.#users.get(text.slice(0, Math.max(0, colon)))
    // An unknown user takes as long as a wrong password: the time tells nobody which names there are.
    const checked = hash ?? this.#users.values().next().value
    if (checked === undefined) return false
    const isRight = await this.#inTurn(() => isPassword(text.slice(colon + 1), checked))
    if (!isRight || hash === undefined) return false
    if (this.#remembered.size >= MOST_REMEMBERED) this.#remembered.clear()
    this.#remembered.add(loginOf(value))
    return true
  }

  /** One after the other: many tries at once would take the machine's memory. */
  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(work)
    this.#queue = turn.catch(() => {})
    return turn
  }

  /** A page that asks for logins itself is not challenged for a password, or the browser would ask beside it. */
  #challenge(isConsole: boolean): string {
    return this.#users.size > 0 && !isConsole
      ? 'Basic realm="tailrace", charset="UTF-8"'
      : 'Bearer realm="tailrace"'
  }
}

function loginOf(value: string): string {
  return digest(Buffer.from(value, 'base64').toString()).toString('base64')
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
