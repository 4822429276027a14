import type { RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { guardedLookup, requireAllowedHost } from '../../api/allowed-hosts.ts'
import { ConfigError, ConnectError, DataError, RetriableError, describeError } from '../../api/errors.ts'
import { request as httpRequest } from '../../api/node-http.ts'
import type { RegistryConnection } from './registry-connection.ts'

export type RegistrySchemaType = 'AVRO' | 'JSON' | 'PROTOBUF'

/** Another schema that one builds upon: `name` is what its text calls it. */
export interface SchemaReference {
  readonly name: string
  readonly subject: string
  readonly version: number
}

/** A schema as the registry keeps it. */
export interface StoredSchema {
  readonly text: string
  readonly type: RegistrySchemaType
  readonly references: readonly SchemaReference[]
}

interface Answer {
  readonly status: number
  readonly body: unknown
}

/** Larger answers are none of a registry. */
const MOST_BYTES = 64 * 1024 * 1024
const TRANSIENT = new Set([408, 429, 500, 502, 503, 504])
const CONTENT_TYPE = 'application/vnd.schemaregistry.v1+json'

/**
 * The REST API of a schema registry, as far as converters need it. Requests are few, so each has a connection of its
 * own and nothing has to be closed. What may pass rejects with `RetriableError`, what is wrong with one schema with
 * `DataError`, what concerns all with `ConnectError`.
 */
export class RegistryClient {
  readonly #connection: RegistryConnection
  /** The URL that answered last. */
  #current = 0

  constructor(connection: RegistryConnection) {
    this.#connection = connection
  }

  /** The id of a schema under a subject, registered where it is new. */
  async register(subject: string, schema: StoredSchema, normalize: boolean): Promise<number> {
    const path = `/subjects/${encodeURIComponent(subject)}/versions?normalize=${normalize}`
    return idOf(await this.#ask('POST', path, schemaBody(schema), `registering a schema of ${subject}`))
  }

  /** The id and version of a schema that is registered under a subject. */
  async lookUp(
    subject: string,
    schema: StoredSchema,
    { normalize, deleted }: { readonly normalize: boolean; readonly deleted: boolean },
  ): Promise<{ id: number; version: number }> {
    const path = `/subjects/${encodeURIComponent(subject)}?normalize=${normalize}&deleted=${deleted}`
    const body = await this.#ask('POST', path, schemaBody(schema), `looking a schema of ${subject} up`)
    return { id: idOf(body), version: Number(field(body, 'version')) }
  }

  async byId(id: number, subject: string | null): Promise<StoredSchema> {
    const query = subject === null ? '' : `&subject=${encodeURIComponent(subject)}`
    return storedSchema(
      await this.#ask('GET', `/schemas/ids/${id}?fetchMaxId=false${query}`, null, `asking for schema ${id}`),
    )
  }

  /** @param version a number, or `latest` */
  async byVersion(subject: string, version: number | 'latest'): Promise<StoredSchema & { id: number }> {
    const path = `/subjects/${encodeURIComponent(subject)}/versions/${version}?deleted=${version !== 'latest'}`
    const body = await this.#ask('GET', path, null, `asking for version ${version} of ${subject}`)
    return { ...storedSchema(body), id: idOf(body) }
  }

  async #ask(method: 'GET' | 'POST', path: string, body: string | null, doing: string): Promise<unknown> {
    const { maxRetries, retryWaitMs, maxRetryWaitMs } = this.#connection
    for (let attempt = 0; ; attempt++) {
      try {
        return outcome(await this.#askOneOfAll(method, path, body), doing)
      } catch (error) {
        if (attempt >= maxRetries || !(error instanceof ConnectError && error.retriable)) throw error
        const mostMs = Math.min(retryWaitMs * 2 ** attempt, maxRetryWaitMs)
        await sleep(mostMs * (0.5 + Math.random() / 2))
      }
    }
  }

  /** The first answer that one of the URLs gives, beginning with that which answered last. */
  async #askOneOfAll(method: 'GET' | 'POST', path: string, body: string | null): Promise<Answer> {
    const { urls } = this.#connection
    const problems: string[] = []
    for (const [tried] of urls.entries()) {
      const index = (this.#current + tried) % urls.length
      try {
        const answer = await this.#send(index, { method, path, body })
        this.#current = index
        return answer
      } catch (error) {
        if (error instanceof ConfigError) throw error
        problems.push(`${urls[index]!.origin}: ${describeError(error)}`)
      }
    }
    throw new RetriableError(
      'registry.unreachable',
      `The schema registry cannot be reached (schema.registry.url): ${problems.join('; ')}`,
    )
  }

  #send(
    index: number,
    { method, path, body }: { method: 'GET' | 'POST'; path: string; body: string | null },
  ): Promise<Answer> {
    const { urls, authorizations, headers, tls, isHostNameVerified } = this.#connection
    const { connectTimeoutMs, readTimeoutMs } = this.#connection
    const url = urls[index]!
    requireAllowedHost(url.hostname)
    const authorization = authorizations[index] ?? null
    const options: RequestOptions & { checkServerIdentity?: () => undefined } = {
      method,
      agent: false,
      lookup: guardedLookup,
      headers: {
        Accept: `${CONTENT_TYPE}, application/vnd.schemaregistry+json, application/json`,
        ...(body === null ? {} : { 'Content-Type': CONTENT_TYPE, 'Content-Length': Buffer.byteLength(body) }),
        ...(authorization === null ? {} : { Authorization: authorization }),
        ...headers,
      },
      ...(url.protocol === 'https:' ? (tls ?? {}) : {}),
      ...(url.protocol === 'https:' && !isHostNameVerified ? { checkServerIdentity: () => undefined } : {}),
      signal: AbortSignal.timeout(connectTimeoutMs + readTimeoutMs),
    }
    const target = new URL(url.pathname.replace(/\/+$/, '') + path, url)
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(target, options)
    const timeOut = (what: string, ms: number) =>
      setTimeout(() => request.destroy(new Error(`${what} within ${ms} ms`)), ms)
    const connecting = timeOut('no connection', connectTimeoutMs)
    let reading: NodeJS.Timeout | undefined
    const onConnected = (): void => {
      clearTimeout(connecting)
      reading = timeOut('no answer', readTimeoutMs)
    }
    request.once('socket', (socket) =>
      socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', onConnected),
    )
    request.once('close', () => {
      clearTimeout(connecting)
      clearTimeout(reading)
    })
    request.once('error', reject)
    request.once('response', (response) => {
      const chunks: Buffer[] = []
      let length = 0
      response.on('data', (chunk: Buffer) => {
        length += chunk.length
        if (length > MOST_BYTES) request.destroy(new Error('the answer is too large'))
        else chunks.push(chunk)
      })
      response.once('error', reject)
      response.once('end', () => {
        const text = Buffer.concat(chunks).toString()
        resolve({ status: response.statusCode ?? 0, body: parsed(text) })
      })
    })
    request.end(body)
    return promise
  }
}

/** The body of a good answer. */
function outcome({ status, body }: Answer, doing: string): unknown {
  if (status >= 200 && status < 300) {
    if (body === undefined) {
      throw new ConnectError('registry.refused', `No schema registry answers, when ${doing}: not JSON`)
    }
    return body
  }
  const code = Number(field(body, 'error_code') ?? status)
  const text = field(body, 'message')
  const words = `${typeof text === 'string' ? text : `HTTP ${status}`}; error code: ${code}`
  if (TRANSIENT.has(status)) {
    throw new RetriableError('registry.unreachable', `The schema registry failed when ${doing}: ${words}`)
  }
  const message = `The schema registry refused ${doing}: ${words}`
  if (status === 409) throw new DataError('registry.schema-incompatible', message)
  if (status === 422) throw new DataError('registry.schema-unsupported', message)
  if (status === 404 && code >= 40_400) throw new DataError('registry.schema-unknown', message)
  if (status === 401) {
    throw new ConnectError('registry.refused', `${message}. Check basic.auth.user.info or bearer.auth.token`)
  }
  throw new ConnectError('registry.refused', message)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function field(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined
}

function idOf(body: unknown): number {
  const id = field(body, 'id')
  if (typeof id === 'number') return id
  throw new ConnectError('registry.refused', 'The schema registry answered without the id of a schema')
}

function storedSchema(body: unknown): StoredSchema {
  const text = field(body, 'schema')
  if (typeof text !== 'string') {
    throw new ConnectError('registry.refused', 'The schema registry answered without a schema')
  }
  const references = field(body, 'references')
  return {
    text,
    type: (field(body, 'schemaType') ?? 'AVRO') as RegistrySchemaType,
    references: Array.isArray(references) ? (references as SchemaReference[]) : [],
  }
}

/** `schemaType` is left out for Avro: registries before 5.5 do not know it. */
function schemaBody({ text, type, references }: StoredSchema): string {
  return JSON.stringify({
    schema: text,
    ...(type === 'AVRO' ? {} : { schemaType: type }),
    ...(references.length === 0 ? {} : { references }),
  })
}
