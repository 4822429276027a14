import type { IncomingHttpHeaders } from 'node:http'
import { JavaPattern } from '../../api/java/java-pattern.ts'

const ALLOWED_HEADERS = 'X-Requested-With,Content-Type,Accept,Origin,Authorization'
const BY_DEFAULT = 'GET,POST,HEAD'

/** Which pages of other origins a browser lets use the API (`access.control.allow.origin`, `.methods`). */
export class CrossOrigin {
  readonly #origins: readonly JavaPattern[]
  readonly #methods: string

  /** @param origins of which `*` stands for all; a `*` within one for any text */
  constructor(origins: readonly string[], methods: readonly string[]) {
    // Who sends the origin is anybody: no number of stars may make it a matter of minutes to compare.
    this.#origins = origins.map(
      (origin) =>
        new JavaPattern(origin.replace(/[^A-Za-z0-9*]/g, '\\$&').replaceAll('*', '.*'), { ignoreCase: true }),
    )
    this.#methods = methods.length === 0 ? BY_DEFAULT : methods.join(',').toUpperCase()
  }

  /** The headers that an answer gets, whatever it is; none for a request that no page of another origin made. */
  headers({ origin }: IncomingHttpHeaders): Readonly<Record<string, string>> {
    if (origin === undefined || !this.#isAllowed(origin)) return {}
    return { 'access-control-allow-origin': origin, vary: 'Origin' }
  }

  /** What a browser is told that asks before it sends a request; null: it does not ask. */
  preflight(method: string, headers: IncomingHttpHeaders): Readonly<Record<string, string>> | null {
    const asks = method === 'OPTIONS' && headers['access-control-request-method'] !== undefined
    if (!asks || headers.origin === undefined || !this.#isAllowed(headers.origin)) return null
    return {
      ...this.headers(headers),
      'access-control-allow-methods': this.#methods,
      'access-control-allow-headers': ALLOWED_HEADERS,
      'access-control-max-age': '1800',
    }
  }

  #isAllowed(origin: string): boolean {
    return this.#origins.some((allowed) => allowed.matches(origin))
  }
}
