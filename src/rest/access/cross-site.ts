import type { IncomingMessage } from 'node:http'
import { HttpError } from '../http-error.ts'
import type { CrossOrigin } from './cross-origin.ts'

/** These change nothing. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Refuses (403) what a browser sends for a page of another site, where it would change something: a form can post
 * without asking first, and on a worker without logins nothing else would stop it. Programs that are no browsers say
 * nothing of where a request comes from, and pass.
 */
export function refuseCrossSite(
  { method = 'GET', headers }: Pick<IncomingMessage, 'method' | 'headers'>,
  crossOrigin: CrossOrigin | null,
): void {
  if (SAFE.has(method) || isSameSite(headers)) return
  if (Object.keys(crossOrigin?.headers(headers) ?? {}).length > 0) return
  throw new HttpError(
    'rest.cross-site',
    { status: 403 },
    `A page of ${headers.origin ?? 'another site'} may not do this; access.control.allow.origin of the worker says whose may`,
  )
}

/** Browsers tell it themselves where the connection is safe enough; otherwise the page's origin is that of the server or not. */
function isSameSite({ host, origin, 'sec-fetch-site': site }: IncomingMessage['headers']): boolean {
  if (site !== undefined) return site === 'same-origin' || site === 'none'
  if (origin === undefined) return true
  return URL.canParse(origin) && new URL(origin).host === host
}
