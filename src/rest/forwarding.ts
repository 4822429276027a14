import { setTimeout as delay } from 'node:timers/promises'
import { ConflictError, ConnectError, describeError } from '../api/errors.ts'
import { RequestTargetError } from '../connect/distributed/group-requests.ts'
import { isUnheard, type AskWorker } from '../connect/distributed/worker-requests.ts'
import { ALGORITHM_HEADER, SIGNATURE_HEADER } from '../connect/distributed/session-keys.ts'
import type { Answer, RestRequest } from './endpoint.ts'

/** A request as it came, and how to answer it here. */
export interface ForwardableRequest {
  readonly method: string
  /** Path and query. */
  readonly url: string
  readonly request: RestRequest
  readonly handle: () => Promise<Answer> | Answer
}

export interface Forwarding {
  readonly ask: AskWorker
  readonly signal: AbortSignal
}

/** A leader that ended is followed by another one within a few heartbeats. */
const LONGEST_SEARCH_MS = 30_000
const PAUSE_MS = 250
const FORWARDED_HEADERS = ['authorization', 'content-type', 'traceparent', SIGNATURE_HEADER, ALGORITHM_HEADER]

/**
 * Answers here, or has the worker of the group answer that can: the leader, or the one that has what is asked about. A
 * request is passed on twice at most, which `?forward=` keeps count of.
 */
export async function answerOrForward(
  { method, url, request, handle }: ForwardableRequest,
  forwarding: Forwarding,
): Promise<Answer> {
  const deadline = performance.now() + LONGEST_SEARCH_MS
  for (;;) {
    try {
      return await handle()
    } catch (error) {
      if (!(error instanceof RequestTargetError)) throw error
      const target = targetOf(error, request, url)
      try {
        return await forward(target, { method, request }, forwarding)
      } catch (failure) {
        const isOver = performance.now() > deadline || forwarding.signal.aborted
        if (isOver || !isUnheard(failure)) {
          throw new ConnectError(
            'connect.request-elsewhere',
            `IO Error trying to forward REST request: ${describeError(failure)}`,
            { cause: failure },
          )
        }
      }
      await delay(PAUSE_MS)
    }
  }
}

/** Throws `ConflictError`. */
function targetOf({ forwardUrl }: RequestTargetError, { query }: RestRequest, url: string): URL {
  const hops = query.get('forward')
  if (hops?.toLowerCase() === 'false') {
    throw new ConflictError(
      'connect.group-rebalancing',
      'Cannot complete request because of a conflicting operation (e.g. worker rebalance)',
    )
  }
  if (forwardUrl === null || forwardUrl === '') {
    throw new ConflictError(
      'connect.group-rebalancing',
      'Cannot complete request momentarily due to no known leader URL, likely because a rebalance was underway.',
    )
  }
  // The path of the request is under that of the advertised URL.
  const target = new URL(url.split('?')[0]!.replace(/^\/+/, './'), forwardUrl)
  target.search = query.toString()
  target.searchParams.set('forward', hops === null ? 'true' : 'false')
  return target
}

async function forward(
  target: URL,
  { method, request }: Pick<ForwardableRequest, 'method' | 'request'>,
  { ask, signal }: Forwarding,
): Promise<Answer> {
  const given = FORWARDED_HEADERS.flatMap((name) => {
    const value = request.headers[name]
    return typeof value === 'string' ? [[name, value] as const] : []
  })
  const { status, text, location } = await ask(target, {
    method,
    headers: { accept: 'application/json', 'content-type': 'application/json', ...Object.fromEntries(given) },
    body: request.body,
    signal,
  })
  return {
    status,
    ...(text === '' ? {} : { text }),
    headers: {
      ...(text === '' ? {} : { 'content-type': 'application/json' }),
      ...(location === null ? {} : { location: ownLocation(location, request) }),
    },
  }
}

/** What was created is here as well as there. */
function ownLocation(location: string, { scheme, headers }: RestRequest): string {
  const path = URL.canParse(location) ? new URL(location).pathname : location
  return headers.host === undefined ? path : `${scheme}://${headers.host}${path}`
}
