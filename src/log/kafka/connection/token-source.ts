import { once } from 'node:events'
import { request as requestHttps } from 'node:https'
import { text } from 'node:stream/consumers'
import { ConfigError, RetriableError } from '../../../api/errors.ts'
import { request as requestHttp } from '../../../api/node-http.ts'
import type { TokenEndpoint } from '../kafka-log-description.ts'

const TIMEOUT_MS = 10_000
/** A token is fetched anew this long before it expires, or after four fifths of its life where that is sooner. */
const SPARE_MS = 60_000

/** Fetches OAuth tokens with a client's own credentials, and keeps each until shortly before it expires. */
export class TokenSource {
  readonly #endpoint: TokenEndpoint
  #token: Promise<string> | null = null
  #freshUntilMs = 0

  constructor(endpoint: TokenEndpoint) {
    this.#endpoint = endpoint
  }

  /** Throws `log.kafka-refused`; `log.kafka-unreachable` for what may pass. Neither has a secret in it. */
  token(): Promise<string> {
    if (this.#token === null || performance.now() >= this.#freshUntilMs) {
      this.#freshUntilMs = Infinity
      this.#token = this.#fetch().catch((error: unknown) => {
        this.#token = null
        throw error
      })
    }
    return this.#token
  }

  async #fetch(): Promise<string> {
    const { url } = this.#endpoint
    const { status, body } = await this.#post()
    if (status >= 500) throw unreachable(url, `it answered ${status}`)
    const answer = parsed(body)
    if (status !== 200 || typeof answer['access_token'] !== 'string') {
      const reason = typeof answer['error'] === 'string' ? `: ${answer['error']}` : ''
      throw new ConfigError(
        'log.kafka-refused',
        `The token endpoint ${url} gave no token but ${status}${reason}; check client id, secret and scope`,
      )
    }
    const lifeMs = Number(answer['expires_in'] ?? 300) * 1000
    this.#freshUntilMs = performance.now() + Math.max(lifeMs - SPARE_MS, lifeMs * 0.8)
    return answer['access_token']
  }

  async #post(): Promise<{ readonly status: number; readonly body: string }> {
    const { url, clientId, clientSecret, scope, ca } = this.#endpoint
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      ...(scope === undefined ? {} : { scope }),
    })
    const send = new URL(url).protocol === 'http:' ? requestHttp : requestHttps
    const login = Buffer.from(`${clientId}:${clientSecret}`).toString('base64')
    try {
      const request = send(url, {
        method: 'POST',
        headers: { authorization: `Basic ${login}`, 'content-type': 'application/x-www-form-urlencoded' },
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(ca === undefined ? {} : { ca }),
      })
      request.end(form.toString())
      const [answer] = await once(request, 'response')
      return { status: answer.statusCode ?? 0, body: await text(answer) }
    } catch (error) {
      throw unreachable(url, error instanceof Error ? error.message : 'no answer', error)
    }
  }
}

function unreachable(url: string, problem: string, cause?: unknown): RetriableError {
  const message = `The token endpoint ${url} cannot be reached: ${problem}`
  return new RetriableError('log.kafka-unreachable', message, cause === undefined ? {} : { cause })
}

function parsed(body: string): Record<string, unknown> {
  try {
    const answer: unknown = JSON.parse(body)
    return typeof answer === 'object' && answer !== null ? (answer as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
