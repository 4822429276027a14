import type { ConnectorConfig } from '../../api/config-def.ts'
import { ConnectError, describeError, RetriableError } from '../../api/errors.ts'
import type { SessionKeys } from './session-keys.ts'
import type { AskWorker } from './worker-requests.ts'

const REQUEST_TIMEOUT_MS = 90_000

export interface GroupRequestOptions {
  readonly ask: AskWorker
  readonly keys: SessionKeys
  readonly leaderUrl: () => string | null
  readonly closing: AbortSignal
}

/** What this worker asks of the group's leader by its REST API: signed, and of no use to anybody else. */
export class GroupRequests {
  readonly #ask: AskWorker
  readonly #keys: SessionKeys
  readonly #leaderUrl: () => string | null
  readonly #closing: AbortSignal

  constructor({ ask, keys, leaderUrl, closing }: GroupRequestOptions) {
    this.#ask = ask
    this.#keys = keys
    this.#leaderUrl = leaderUrl
    this.#closing = closing
  }

  async putTaskConfigs(connector: string, taskConfigs: readonly ConnectorConfig[]): Promise<void> {
    await this.#send('POST', `connectors/${encodeURIComponent(connector)}/tasks`, JSON.stringify(taskConfigs))
  }

  async fence(connector: string): Promise<void> {
    await this.#send('PUT', `connectors/${encodeURIComponent(connector)}/fence`, '')
  }

  /** Everything that goes wrong may pass: another leader, another key. */
  async #send(method: string, path: string, body: string): Promise<void> {
    const leaderUrl = this.#leaderUrl()
    if (leaderUrl === null || leaderUrl === '') {
      throw new RetriableError('connect.group-rebalancing', 'The group has no leader at present')
    }
    let problem: string
    try {
      const { status, text } = await this.#ask(new URL(path, leaderUrl), {
        method,
        headers: { 'content-type': 'application/json', ...this.#keys.sign(body) },
        body,
        signal: AbortSignal.any([this.#closing, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]),
      })
      if (status >= 200 && status < 300) return
      problem = `it answered ${status}: ${text.slice(0, 500)}`
    } catch (error) {
      problem = describeError(error)
    }
    throw new RetriableError(
      'connect.group-rebalancing',
      `The group's leader at ${leaderUrl} cannot be asked: ${problem}`,
    )
  }
}

/** Asks to be asked elsewhere: at the leader, or at the worker that has what the request is about. */
export class RequestTargetError extends ConnectError {
  /** The URL of that worker; null: nobody knows it just now. */
  readonly forwardUrl: string | null

  constructor(message: string, forwardUrl: string | null) {
    super('connect.request-elsewhere', message)
    this.forwardUrl = forwardUrl
  }
}
