import type { Endpoint, Method } from './endpoint.ts'
import { unsupportedRequest } from './http-error.ts'

export type Route =
  | { readonly kind: 'endpoint'; readonly endpoint: Endpoint; readonly params: ReadonlyMap<string, string> }
  | { readonly kind: 'options'; readonly allow: string }

interface Pattern {
  readonly segments: readonly string[]
  readonly endpoints: Map<Method, Endpoint>
}

/**
 * Finds the endpoint of a method and a path. A linear walk over some thirty patterns: less than 10 µs.
 */
export class Router {
  readonly #patterns: Pattern[] = []

  constructor(endpoints: readonly Endpoint[]) {
    const byPath = Map.groupBy(endpoints, (endpoint) => endpoint.path)
    for (const [path, sharing] of byPath) {
      this.#patterns.push({
        segments: splitPath(path),
        endpoints: new Map(sharing.map((endpoint) => [endpoint.method, endpoint])),
      })
    }
  }

  /** @param path without the query. Throws the `HttpError` of an unknown path (404) or method (405). */
  route(method: string, path: string): Route {
    const segments = decodePath(path)
    for (const { segments: pattern, endpoints } of this.#patterns) {
      const params = match(pattern, segments)
      if (params === null) continue
      const allow = allowed(endpoints)
      if (method === 'OPTIONS') return { kind: 'options', allow }
      const endpoint = endpoints.get((method === 'HEAD' ? 'GET' : method) as Method)
      if (endpoint === undefined) throw unsupportedRequest(405, { allow })
      return { kind: 'endpoint', endpoint, params }
    }
    throw unsupportedRequest(404)
  }
}

/** A slash at the end does not count. */
function splitPath(path: string): string[] {
  const segments = path.split('/').slice(1)
  if (segments.at(-1) === '') segments.pop()
  return segments
}

/** Decoded after splitting: `%2F` stays within its segment. */
function decodePath(path: string): string[] {
  try {
    return splitPath(path).map((segment) => decodeURIComponent(segment))
  } catch {
    throw unsupportedRequest(404)
  }
}

function match(pattern: readonly string[], segments: readonly string[]): Map<string, string> | null {
  if (pattern.length !== segments.length) return null
  const params = new Map<string, string>()
  for (const [index, expected] of pattern.entries()) {
    const segment = segments[index]!
    if (expected.startsWith(':') || (expected.startsWith('#') && /^-?\d{1,9}$/.test(segment))) {
      if (segment === '') return null
      params.set(expected.slice(1), segment)
    } else if (expected !== segment) return null
  }
  return params
}

function allowed(endpoints: ReadonlyMap<Method, Endpoint>): string {
  return [...(endpoints.has('GET') ? ['HEAD'] : []), ...endpoints.keys(), 'OPTIONS'].join(', ')
}
