import { isUtf8 } from 'node:buffer'
import { isJsonObject, tokenName, type JsonObject } from '../json/json-object.ts'
import { parseForIndexing } from '../json/exact-json.ts'
import { parsingException, SearchError } from '../search-error.ts'
import type { Parameters } from './parameters.ts'

/** What a handler answers: a value written as JSON, or ready text. */
export interface Answer {
  readonly status: number
  readonly body: unknown
  /** Set where the body is text of another kind. */
  readonly contentType?: string
}

export interface ApiRequestParts {
  readonly method: string
  readonly path: string
  readonly pathValues: ReadonlyMap<string, string>
  readonly parameters: Parameters
  readonly body: Buffer
  /** Aborted when the client goes away or the node closes. */
  readonly signal: AbortSignal
}

/** One request, with its path and query parsed and its body read. */
export class ApiRequest {
  readonly method: string
  readonly path: string
  readonly parameters: Parameters
  readonly body: Buffer
  readonly signal: AbortSignal
  readonly #pathValues: ReadonlyMap<string, string>

  constructor(parts: ApiRequestParts) {
    this.method = parts.method
    this.path = parts.path
    this.parameters = parts.parameters
    this.body = parts.body
    this.signal = parts.signal
    this.#pathValues = parts.pathValues
  }

  /** The value of a `{name}` in the route; the empty string where the route has none. */
  pathValue(name: string): string {
    return this.#pathValues.get(name) ?? ''
  }

  hasBody(): boolean {
    return this.body.length > 0
  }

  bodyText(): string {
    if (this.body.length === 0) throw new SearchError(400, 'parse_exception', 'request body is required')
    if (!isUtf8(this.body))
      throw new SearchError(400, 'x_content_parse_exception', 'Invalid UTF-8 in the request body')
    return this.body.toString('utf8')
  }

  /** The body as an object; without a body, an empty one where that is allowed. */
  bodyObject(options: { optional?: boolean } = {}): JsonObject {
    if (options.optional === true && this.body.length === 0) return {}
    const value = parseBody(this.bodyText())
    if (!isJsonObject(value))
      throw parsingException(`Expected [START_OBJECT] but found [${tokenName(value)}]`)
    return value
  }
}

export function parseBody(text: string): unknown {
  try {
    return parseForIndexing(text)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new SearchError(400, 'x_content_parse_exception', reason, {
      caused_by: { type: 'json_parse_exception', reason },
    })
  }
}

export const ok = (body: unknown): Answer => ({ status: 200, body })
export const acknowledged: Answer = ok({ acknowledged: true })
