import { ConnectError } from '../../api/errors.ts'
import type { TaskLogger } from '../../api/source-task.ts'
import {
  describeFailure,
  failureChain,
  parseFailureAnswer,
  type ElasticsearchFailure,
} from '../client/elasticsearch-error.ts'
import type { Answer } from '../client/client.ts'
import { cutShort } from '../client/cut-short.ts'
import type { PatientRequests } from '../client/patient-requests.ts'
import type { Engine } from '../typed/typed-columns.ts'
import {
  countFields,
  limitedMapping,
  withoutType,
  type LimitedMapping,
  type Properties,
} from '../typed/typed-mapping.ts'

/** What to create. */
export type MissingIndex =
  { readonly kind: 'index'; readonly body: () => object | null } | { readonly kind: 'data stream' }

/** Sees to it that indices exist, each once; requests that fail for a transient cause are tried again. */
export class IndexKeeper {
  readonly #requests: PatientRequests
  readonly #log: TaskLogger
  readonly #mapped = new Set<string>()
  #engine: Promise<Engine> | null = null

  constructor(requests: PatientRequests, log: TaskLogger) {
    this.#requests = requests
    this.#log = log
  }

  /** Creates what is missing. What no body says is left to the server and its templates. */
  async ensure(index: string, missing: MissingIndex): Promise<void> {
    if (await this.exists(index)) return
    const { kind } = missing
    const body = missing.kind === 'index' ? missing.body() : null
    const path = `${kind === 'index' ? '' : '/_data_stream'}/${encodeURIComponent(index)}`
    const answer = await this.#requests.send(`create ${kind} ${index}`, {
      method: 'PUT',
      path,
      ...(body !== null && { body: Buffer.from(JSON.stringify(body)) }),
    })
    if (answer.status < 300) {
      this.#log.info({ index }, `Created the ${kind}`)
      return
    }
    const failure = parseFailureAnswer(answer.status, answer.bytes)
    // Another task was faster.
    if ([...failureChain(failure)].some(({ type }) => type === 'resource_already_exists_exception')) return
    throw new ConnectError(
      'elasticsearch.index-unusable',
      `Failed to create ${kind} ${index} due to '${describeStatus(failure)}' after 1 attempt(s)`,
    )
  }

  async exists(index: string): Promise<boolean> {
    const path = `/${encodeURIComponent(index)}`
    const { status } = await this.#requests.send(`check if index ${index} exists`, { method: 'HEAD', path })
    if (status === 404) return false
    if (status < 300) return true
    throw new ConnectError(
      'elasticsearch.index-unusable',
      `Failed to check if index ${index} exists due to 'HEAD ${path} answered HTTP status ${status}'${adviceFor(status)}`,
    )
  }

  /** Puts a mapping unless the index has one. Asked once for each index. @param mapping makes it, on demand */
  async ensureMapping(index: string, mapping: () => object): Promise<void> {
    if (this.#mapped.has(index)) return
    const path = `/${encodeURIComponent(index)}/_mapping`
    const answer = await this.#requests.send(`check the mapping of index ${index}`, { method: 'GET', path })
    if (answer.status !== 200 || !hasMapping(answer.bytes)) {
      const put = await this.#requests.send(`create the mapping of index ${index}`, {
        method: 'PUT',
        path,
        body: Buffer.from(JSON.stringify(mapping())),
      })
      if (put.status >= 300) {
        const failure = describeStatus(parseFailureAnswer(put.status, put.bytes))
        throw new ConnectError(
          'elasticsearch.index-unusable',
          `Failed to create mapping for resource ${index} due to '${failure}'`,
        )
      }
    }
    this.#mapped.add(index)
  }

  /**
   * Adds the properties that the mapping lacks. What cannot be added, because a field of that name has another type or there
   * are too many, is said and left: documents flow on.
   */
  async extendMapping(index: string, properties: Properties, mostFields: number): Promise<void> {
    const path = `/${encodeURIComponent(index)}/_mapping`
    const found = await this.#requests.send(`check the mapping of index ${index}`, { method: 'GET', path })
    const present = found.status === 200 ? presentProperties(found.bytes) : {}
    const missing = Object.fromEntries(Object.entries(properties).filter(([name]) => !(name in present)))
    if (Object.keys(missing).length === 0) return
    const room = Math.max(0, mostFields - countFields(present))
    const mapping = limitedMapping(missing, room)
    if (mapping.dynamic === false) {
      this.#log.warn({ index, mostFields }, 'Columns beyond mapping.fields.max are kept but not indexed')
    }
    await this.#putMapping(index, mapping)
  }

  async #putMapping(index: string, mapping: LimitedMapping): Promise<void> {
    const put = await this.#requests.send(`extend the mapping of index ${index}`, {
      method: 'PUT',
      path: `/${encodeURIComponent(index)}/_mapping`,
      body: Buffer.from(JSON.stringify(mapping)),
    })
    if (put.status < 300) return
    const reason = describeFailure(parseFailureAnswer(put.status, put.bytes))
    const unknown = /(?:No handler for|The mapper) type \[(\w+)\]/.exec(reason)?.[1]
    const properties = unknown === undefined ? null : withoutType(mapping.properties, unknown)
    if (properties !== null) return this.#putMapping(index, { ...mapping, properties })
    this.#log.warn(
      { index, fields: Object.keys(mapping.properties), reason },
      'The mapping could not be extended',
    )
  }

  /** Which kind of server it is; asked once. One that does not say is taken for Elasticsearch. */
  engine(): Promise<Engine> {
    this.#engine ??= this.#requests
      .send('ask who the server is', { method: 'GET', path: '/' }, cutGreeting)
      .then(engineOf)
    return this.#engine
  }

  /** The index is gone: its mapping has to be made again too. */
  forget(index: string): void {
    this.#mapped.delete(index)
  }
}

/** Whoever stands before the server may have a page of its own there. */
function cutGreeting(answer: Answer): string | null {
  return answer.bytes.toString('latin1', 0, 1) === '{' ? cutShort(answer) : null
}

function engineOf({ bytes }: Answer): Engine {
  return bytes.toString().includes('"opensearch"') ? 'opensearch' : 'elasticsearch'
}

function presentProperties(bytes: Buffer): Properties {
  const indices = JSON.parse(bytes.toString()) as Record<string, { mappings?: { properties?: Properties } }>
  // An alias may stand for several; a field of one of them is there.
  return Object.assign(
    {},
    ...Object.values(indices).map(({ mappings }) => mappings?.properties ?? {}),
  ) as Properties
}

function adviceFor(status: number): string {
  if (status === 401) return '. Check connection.username and connection.password.'
  if (status === 403)
    return '. The user needs the privileges view_index_metadata, create_index and write on it.'
  return ''
}

function hasMapping(bytes: Buffer): boolean {
  const indices = JSON.parse(bytes.toString()) as Record<string, { mappings?: object }>
  return Object.values(indices).some(({ mappings }) => Object.keys(mappings ?? {}).length > 0)
}

/** As the reference's client names failures of whole requests. */
function describeStatus(failure: ElasticsearchFailure): string {
  return describeFailure(failure).replace(/^Elasticsearch/, 'ElasticsearchStatus')
}
