import type { IncomingHttpHeaders } from 'node:http'
import { unsupportedRequest } from './http-error.ts'

/** Refuses (415) a body that does not say it is JSON, as it is. */
export function requireJsonBody(headers: IncomingHttpHeaders): void {
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json') throw unsupportedRequest(415)
  // Nothing is unpacked here: what a few bytes would become has no bound.
  if (!['', 'identity'].includes(headers['content-encoding']?.trim().toLowerCase() ?? '')) {
    throw unsupportedRequest(415)
  }
}

/** Refuses (406) a client that does not take the form that an endpoint's answers have. */
export function requireAccepts(headers: IncomingHttpHeaders, mediaType: string): void {
  const accepted = mediaType === '*/*' ? undefined : headers.accept
  if (accepted === undefined || accepted.trim() === '') return
  const family = mediaType.replace(/[^/]*$/, '*')
  const isTaken = accepted.split(',').some((entry) => {
    const [range = '', ...parameters] = entry.split(';').map((part) => part.trim().toLowerCase())
    const isRefused = parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter))
    return !isRefused && [mediaType, family, '*/*', '*'].includes(range)
  })
  if (!isTaken) throw unsupportedRequest(406)
}
