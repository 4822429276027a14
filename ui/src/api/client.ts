import { parseExact, stringifyExact } from './exact-json.ts'
import { askForLogin, authorization, loginWasRight } from './login.ts'

/** What the worker said no with, in its own words. */
export class ApiError extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** Relative to the page: `…/console/` of the worker. */
const ROOT = new URL('..', window.location.href.replace(/[?#].*$/, ''))

/** Calls the worker. Throws `ApiError` where it refuses, and what `fetch` throws where nobody answers. */
export async function call<T>(
  method: Method,
  path: string,
  {
    body,
    text,
    signal,
  }: { readonly body?: unknown; readonly text?: string; readonly signal?: AbortSignal } = {},
): Promise<T> {
  const sent = text ?? (body === undefined ? undefined : stringifyExact(body))
  const response = await request(path, {
    method,
    ...(sent === undefined ? {} : { body: sent }),
    ...(signal === undefined ? {} : { signal }),
    headers: {
      accept: 'application/json',
      ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
    },
  })
  const answer = await response.text()
  return (answer === '' ? null : parseExact(answer)) as T
}

/** What is sent, besides who asks. */
interface Sent {
  readonly method?: Method
  readonly body?: string
  readonly signal?: AbortSignal
  readonly headers: Readonly<Record<string, string>>
}

/** The answer as it comes; its status is a good one. */
export async function request(path: string, { headers, ...sent }: Sent): Promise<Response> {
  const login = authorization()
  const response = await fetch(new URL(path.replace(/^\//, './'), ROOT), {
    ...sent,
    // A header that no form can send; and no browser's own question for a password.
    headers: {
      ...headers,
      'x-requested-with': 'tailrace-console',
      ...(login === null ? {} : { authorization: login }),
    },
    credentials: 'omit',
    cache: 'no-store',
  })
  if (response.status === 401) askForLogin(login)
  else loginWasRight()
  if (!response.ok) throw new ApiError(response.status, messageOf(await response.text(), response.status))
  return response
}

/** A path with its segments encoded. */
export function pathOf(...segments: readonly (string | number)[]): string {
  return segments.map((segment) => `/${encodeURIComponent(segment)}`).join('')
}

function messageOf(text: string, status: number): string {
  try {
    const { message } = JSON.parse(text) as { readonly message?: string }
    return message ?? `HTTP ${status}`
  } catch {
    return `HTTP ${status}`
  }
}
