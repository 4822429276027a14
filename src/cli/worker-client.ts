import { ConnectError, describeError } from '../api/errors.ts'

/** A worker's answer to one request. */
export interface WorkerAnswer {
  readonly status: number
  /** Parsed JSON; null without a body. */
  readonly body: unknown
}

const DEADLINE_MS = 90_000

/** What all calls of this process show of who makes them: a command talks to one worker. */
let authorization: string | null = null

/** @param header as `Authorization` has it */
export function logIn(header: string | null): void {
  authorization = header
}

/** Fetches from a worker as who makes the calls of this process. Rejects as `fetch` does. */
export function reach(url: string, path: string, init: RequestInit): Promise<Response> {
  const headers = new Headers(init.headers)
  if (authorization !== null) headers.set('authorization', authorization)
  return fetch(url.replace(/\/+$/, '') + path, { ...init, headers })
}

export function unreachable(url: string, cause: unknown): ConnectError {
  return new ConnectError(
    'cli.worker-unreachable',
    `No worker answers at ${url}: start one with "tailrace worker", or say where it is with --url or TAILRACE_URL`,
    { cause },
  )
}

/** Calls a worker's REST API. Answers of any status are returned. Throws `cli.worker-unreachable`. */
export async function request(
  url: string,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<WorkerAnswer> {
  const deadline = AbortSignal.timeout(DEADLINE_MS)
  let text: string
  let status: number
  try {
    const answer = await reach(url, path, {
      method,
      signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    status = answer.status
    text = await answer.text()
  } catch (cause) {
    if (signal?.aborted) throw signal.reason
    throw unreachable(url, cause)
  }
  try {
    return { status, body: text === '' ? null : JSON.parse(text) }
  } catch (cause) {
    throw new ConnectError(
      'cli.request-refused',
      `${url} does not answer as a worker does (${method} ${path}: status ${status}, no JSON)`,
      { cause: describeError(cause) },
    )
  }
}

/** The same, for callers that only go on with a success. Throws `cli.request-refused` with the worker's own message. */
export async function call(
  url: string,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<unknown> {
  const answer = await request(url, method, path, body)
  if (answer.status >= 400) throw refusal(answer, `${method} ${path}`)
  return answer.body
}

export function refusal({ status, body }: WorkerAnswer, what: string): ConnectError {
  if (status === 401) {
    return new ConnectError(
      'cli.request-refused',
      'The worker wants a login, and not this one: --user or --token',
    )
  }
  const message = (body as { readonly message?: unknown } | null)?.message
  const text = typeof message === 'string' ? message : `The worker answered ${status} to ${what}`
  return new ConnectError('cli.request-refused', text)
}
