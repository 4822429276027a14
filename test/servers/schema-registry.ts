import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import protobufjs from 'protobufjs'

interface StoredVersion {
  readonly subject: string
  readonly version: number
  readonly id: number
  readonly schema: string
  readonly schemaType: string
  readonly references: unknown[]
}

class Refusal extends Error {
  readonly status: number
  readonly code: number

  constructor(status: number, code: number, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

/**
 * A schema registry for tests: the REST API of Confluent's, with its error codes, in memory. What is compatible is said
 * by the test: `incompatible` has the subjects that take no further schema.
 */
export class SchemaRegistry {
  readonly #server: Server
  readonly #versions: StoredVersion[] = []
  readonly #incompatible = new Set<string>()
  /** `METHOD /path`, in their order. */
  readonly requests: string[] = []
  readonly headers: IncomingMessage['headers'][] = []
  /** Answered to this many requests before all others. */
  failing: { status: number; times: number } | null = null
  /** `Basic …`, which requests need then. */
  authorization: string | null = null

  private constructor(server: Server) {
    this.#server = server
  }

  static async start(): Promise<SchemaRegistry> {
    const server = createServer()
    const registry = new SchemaRegistry(server)
    server.on('request', (request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const { status, body } = registry.#answer(request, Buffer.concat(chunks).toString())
        response.writeHead(status, { 'Content-Type': 'application/vnd.schemaregistry.v1+json' })
        response.end(JSON.stringify(body))
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return registry
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** The schemas of a subject, oldest first. */
  schemas(subject: string): string[] {
    return this.#versions.filter((entry) => entry.subject === subject).map((entry) => entry.schema)
  }

  get subjects(): string[] {
    return [...new Set(this.#versions.map(({ subject }) => subject))].sort()
  }

  /** Puts a schema in, as another client would. */
  add(subject: string, schema: string, more: { schemaType?: string; references?: unknown[] } = {}): number {
    const { schemaType = 'AVRO', references = [] } = more
    const same = this.#versions.find(
      (entry) =>
        entry.schema === schema &&
        entry.schemaType === schemaType &&
        JSON.stringify(entry.references) === JSON.stringify(references),
    )
    if (same?.subject === subject) return same.id
    const own = this.#versions.filter((entry) => entry.subject === subject)
    const id = same?.id ?? Math.max(0, ...this.#versions.map((entry) => entry.id)) + 1
    this.#versions.push({ subject, version: own.length + 1, id, schema, schemaType, references })
    return id
  }

  /** From now on the subject takes no schema that it does not have. */
  close(subject: string): void {
    this.#incompatible.add(subject)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  #answer(request: IncomingMessage, text: string): { status: number; body: unknown } {
    this.requests.push(`${request.method} ${request.url}`)
    this.headers.push(request.headers)
    try {
      if (this.failing !== null && this.failing.times > 0) {
        this.failing.times--
        throw new Refusal(
          this.failing.status,
          this.failing.status * 100 + 1,
          'Error in the backend data store',
        )
      }
      if (this.authorization !== null && request.headers.authorization !== this.authorization) {
        throw new Refusal(401, 401, 'Unauthorized')
      }
      return { status: 200, body: this.#route(request, text) }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return { status: error.status, body: { error_code: error.code, message: error.message } }
    }
  }

  #route({ method, url }: IncomingMessage, text: string): unknown {
    const { pathname } = new URL(url!, 'http://registry')
    const parts = pathname.split('/').slice(1).map(decodeURIComponent)
    const [root, name = '', kind, last = ''] = parts
    if (root === 'subjects') {
      if (method === 'GET' && name === '') return this.subjects
      if (method === 'GET' && kind === 'versions' && last === '')
        return this.#ofSubject(name).map((v) => v.version)
      if (method === 'GET' && kind === 'versions') return this.#version(name, last)
      if (method === 'POST' && kind === 'versions') return { id: this.#register(name, text) }
      if (method === 'POST' && kind === undefined) return this.#lookUp(name, text)
    }
    if (method === 'GET' && root === 'schemas' && name === 'ids') {
      const stored = this.#versions.find((entry) => entry.id === Number(kind))
      if (stored === undefined) throw new Refusal(404, 40403, `Schema ${kind} not found`)
      return this.#withType({ schema: stored.schema }, stored)
    }
    if (method === 'GET' && root === 'config') return { compatibilityLevel: 'BACKWARD' }
    if (method === 'POST' && root === 'compatibility') {
      return { is_compatible: !this.#incompatible.has(kind ?? '') }
    }
    throw new Refusal(404, 404, 'HTTP 404 Not Found')
  }

  #register(subject: string, text: string): number {
    const { schema, schemaType, references } = this.#body(text)
    const isKnown = this.schemas(subject).includes(schema)
    if (!isKnown && this.#incompatible.has(subject)) {
      throw new Refusal(
        409,
        409,
        `Schema being registered is incompatible with an earlier schema for subject "${subject}", details: [{errorType:'READER_FIELD_MISSING_DEFAULT_VALUE'}]`,
      )
    }
    return this.add(subject, schema, { schemaType, references })
  }

  #lookUp(subject: string, text: string): unknown {
    const { schema } = this.#body(text)
    const stored = this.#ofSubject(subject).find((entry) => entry.schema === schema)
    if (stored === undefined) throw new Refusal(404, 40403, 'Schema not found')
    return this.#entry(stored)
  }

  #version(subject: string, version: string): unknown {
    const own = this.#ofSubject(subject)
    const stored = version === 'latest' ? own.at(-1) : own.find((entry) => entry.version === Number(version))
    if (stored === undefined) throw new Refusal(404, 40402, `Version ${version} not found.`)
    return this.#entry(stored)
  }

  #ofSubject(subject: string): StoredVersion[] {
    const own = this.#versions.filter((entry) => entry.subject === subject)
    if (own.length === 0) throw new Refusal(404, 40401, `Subject '${subject}' not found.`)
    return own
  }

  #body(text: string): { schema: string; schemaType: string; references: unknown[] } {
    const body = JSON.parse(text) as { schema?: string; schemaType?: string; references?: unknown[] }
    const { schemaType = 'AVRO' } = body
    if (typeof body.schema !== 'string' || body.schema === '') {
      throw new Refusal(422, 42201, 'Empty schema')
    }
    try {
      if (schemaType === 'PROTOBUF') protobufjs.parse(body.schema)
      else JSON.parse(body.schema)
    } catch {
      throw new Refusal(422, 42201, `Invalid schema of type ${schemaType}`)
    }
    return { schema: body.schema, schemaType, references: body.references ?? [] }
  }

  #entry(stored: StoredVersion): unknown {
    const { subject, version, id, schema } = stored
    return this.#withType({ subject, version, id, schema }, stored)
  }

  /** As the real one: Avro's type and empty references are left out. */
  #withType(body: object, { schemaType, references }: StoredVersion): unknown {
    return {
      ...body,
      ...(schemaType === 'AVRO' ? {} : { schemaType }),
      ...(references.length === 0 ? {} : { references }),
    }
  }
}
