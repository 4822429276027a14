import { illegalArgument, PlainError } from '../search-error.ts'
import type { Answer, ApiRequest } from './api-request.ts'

export type Handler = (request: ApiRequest) => Answer | Promise<Answer>

export interface Endpoint {
  /** The query parameters that it takes, also those that change nothing here, such as time-outs. */
  readonly parameters: readonly string[]
  readonly handle: Handler
}

/** `GET,POST /{index}/_search`: the methods, then the path; `{name}` takes any one segment. */
export type Routes = Readonly<Record<string, Endpoint>>

interface Route {
  readonly methods: ReadonlyMap<string, Endpoint>
  readonly segments: readonly string[]
}

export interface FoundRoute {
  readonly endpoint: Endpoint
  readonly pathValues: ReadonlyMap<string, string>
}

const isVariable = (segment: string): boolean => segment.startsWith('{')

export class Router {
  /** By number of segments; the ones with more fixed segments first, so `/_cat/indices` wins over `/{index}/{x}`. */
  readonly #byLength = new Map<number, Route[]>()

  constructor(...tables: readonly Routes[]) {
    const byPath = new Map<string, Map<string, Endpoint>>()
    for (const [key, endpoint] of tables.flatMap((table) => Object.entries(table))) {
      const [methods = '', path = ''] = key.split(' ')
      const endpoints = byPath.get(path) ?? new Map<string, Endpoint>()
      for (const method of methods.split(',')) endpoints.set(method, endpoint)
      byPath.set(path, endpoints)
    }
    for (const [path, methods] of byPath) {
      const segments = path.split('/').slice(1)
      const routes = this.#byLength.get(segments.length) ?? []
      routes.push({ methods, segments })
      this.#byLength.set(segments.length, routes)
    }
    const variables = (route: Route): number => route.segments.filter(isVariable).length
    for (const routes of this.#byLength.values()) routes.sort((a, b) => variables(a) - variables(b))
  }

  /** `path` is still percent-encoded: an id may contain `%2F`. A `+` in it is a plus. */
  find(method: string, path: string): FoundRoute {
    const encoded = path
      .replace(/(?<=.)\/+$/, '')
      .split('/')
      .slice(1)
    const segments = encoded.map(decodeSegment)
    const allowed = new Set<string>()
    for (const route of this.#byLength.get(segments.length) ?? []) {
      const pathValues = match(route.segments, segments)
      if (pathValues === undefined) continue
      const endpoint = route.methods.get(method) ?? (method === 'HEAD' ? route.methods.get('GET') : undefined)
      if (endpoint !== undefined) return { endpoint, pathValues }
      for (const each of route.methods.keys()) allowed.add(each)
    }
    if (allowed.size === 0) {
      throw new PlainError(400, `no handler found for uri [${path}] and method [${method}]`, {
        withStatus: false,
      })
    }
    const list = [...allowed].join(', ')
    throw new PlainError(
      405,
      `Incorrect HTTP method for uri [${path}] and method [${method}], allowed: [${list}]`,
      {
        headers: { allow: list },
      },
    )
  }
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw illegalArgument(`the path contains [${segment}], which is not valid percent-encoding`)
  }
}

function match(pattern: readonly string[], segments: readonly string[]): Map<string, string> | undefined {
  const values = new Map<string, string>()
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index]!
    if (isVariable(part) && segment !== '') values.set(part.slice(1, -1), segment)
    else if (part !== segment) return undefined
  }
  return values
}
