import type { IncomingHttpHeaders } from 'node:http'
import type { JsonValue } from '../api/record.ts'
import type { EventStream } from './events/event-stream.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** One method of one path. HEAD and OPTIONS follow from the endpoints that are there. */
export interface Endpoint {
  readonly method: Method
  /** `/connectors/:connector/tasks/#task`: `:name` takes any segment, `#name` a whole number. */
  readonly path: string
  /** Of its answers; JSON unless said. */
  readonly mediaType?: 'text/html' | 'text/plain' | 'text/event-stream' | '*/*'
  handle(request: RestRequest): Promise<Answer> | Answer
}

/** A request as endpoints see it: routed, read, not yet understood. */
export interface RestRequest {
  /** A segment of the path by its name, decoded. */
  param(name: string): string
  /** As it was asked for, without the query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  /** How it came. */
  readonly scheme: 'http' | 'https'
  /** The body's text; empty where there is none. */
  readonly body: string
}

export interface Answer {
  readonly status: number
  /** Undefined: no body. */
  readonly body?: JsonValue
  /** In place of `body`, of an endpoint with a media type of its own. */
  readonly text?: string
  /** In place of both, with a `content-type` among the headers. */
  readonly bytes?: Buffer
  /** In place of all three: events until the client leaves or the server closes. */
  readonly follow?: (stream: EventStream) => void
  readonly headers?: Readonly<Record<string, string>>
}

/** 200 with a body. */
export function ok(body: JsonValue): Answer {
  return { status: 200, body }
}
