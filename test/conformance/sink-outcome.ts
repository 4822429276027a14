import { canonicalText, digestText, sha256 } from './comparable-json.ts'
import { NumberText, parseJson, type Json } from './lossless-json.ts'
import type { SinkScenario } from './sink-scenario.ts'
import type { WorkerProcess } from '../servers/worker.ts'

type Fields = ReadonlyMap<string, Json>

export interface ConnectorStatus {
  readonly connector: { readonly state?: string }
  readonly tasks: readonly { readonly id: number; readonly state: string; readonly trace?: string }[]
}

const ERROR_CLASS = 'Caused by: org.apache.kafka.connect.errors.'
const ERROR_HEADER = '__connect.errors.'
const MAX_DOCUMENTS = 10_000
const MAX_TEXT = 1500

/** What came of a scenario, in the form of the golden files. */
export class SinkOutcome {
  readonly #scenario: SinkScenario
  readonly #worker: WorkerProcess
  readonly #elasticsearch: string
  readonly #connector: string
  /** What stands in a golden file for texts that differ from run to run. */
  readonly #disguises: Readonly<Record<string, string>>
  readonly #saved = new Map<string, Json>()

  constructor(
    scenario: SinkScenario,
    stage: {
      readonly worker: WorkerProcess
      readonly elasticsearch: string
      readonly connector: string
      readonly disguises: Readonly<Record<string, string>>
    },
  ) {
    this.#scenario = scenario
    this.#worker = stage.worker
    this.#elasticsearch = stage.elasticsearch
    this.#connector = stage.connector
    this.#disguises = stage.disguises
  }

  save(label: string, value: Json): void {
    this.#saved.set(label, value)
  }

  /** Of a connector's description only what is no echo of the request. */
  saveAnswer(label: string, status: number, text: string): void {
    const body = text === '' ? null : parseJson(text)
    const isConnector = body instanceof Map && (body as Fields).has('config')
    const kept = isConnector
      ? new Map([...(body as Fields)].filter(([name]) => name === 'name' || name === 'type'))
      : body
    this.save(label, fields({ status: count(status), body: kept }))
  }

  /** @param commit brings the connector to commit all that it has done, up to a sum of offsets */
  async all(isReached: boolean, commit: (offsets: number) => Promise<void>): Promise<Fields> {
    const { record } = this.#scenario
    const all = new Map<string, Json>([['until', isReached ? 'reached' : 'not reached']])
    all.set('indices', await this.#indices())
    all.set('docs', await this.#each(record.docs ?? [], (index) => this.documents(index)))
    if (record.digests !== undefined) {
      all.set('digests', await this.#each(record.digests, (index) => this.#digest(index)))
    }
    if (record.mappings !== undefined) {
      all.set('mappings', await this.#each(record.mappings, (index) => this.#mappings(index)))
    }
    if (record.status ?? true) all.set('status', await this.state())
    if (record.dlq !== undefined) all.set('dlq', await this.#deadLetters(record.dlq))
    if (record.offsets !== undefined) {
      await commit(record.offsets)
      all.set('offsets', await this.#offsets())
    }
    if (this.#saved.size > 0) all.set('saved', this.#saved)
    return this.#disguised(all) as Fields
  }

  async status(): Promise<ConnectorStatus> {
    const { status, body } = await this.#worker.rest('GET', `/connectors/${this.#connector}/status`)
    return status === 200 ? (body as ConnectorStatus) : { connector: {}, tasks: [] }
  }

  /** States, and of each trace what does not depend on how the program is written. */
  async state(): Promise<Json> {
    const { connector, tasks } = await this.status()
    return fields({
      connector: connector.state ?? null,
      tasks: [...tasks]
        .sort((a, b) => a.id - b.id)
        .map(({ id, state, trace = '' }) => {
          const lines = trace.split('\n')
          const causes = lines
            .filter((line) => line.startsWith(ERROR_CLASS))
            .map((line) => line.slice('Caused by: '.length))
          return fields({
            id: count(id),
            state,
            ...(trace !== '' && { trace: lines[0]!, causes }),
          })
        }),
    })
  }

  async documentCount(index: string): Promise<number> {
    await this.elasticsearch('POST', `/${index}/_refresh`)
    const { status, text } = await this.elasticsearch('GET', `/${index}/_count`)
    return status === 200 ? (JSON.parse(text) as { count: number }).count : -1
  }

  async offsetSum(): Promise<number> {
    const { status, body } = await this.#worker.rest('GET', `/connectors/${this.#connector}/offsets`)
    if (status !== 200) return 0
    const { offsets } = body as { offsets: { offset?: { kafka_offset: number } }[] }
    return offsets.reduce((sum, { offset }) => sum + (offset?.kafka_offset ?? 0), 0)
  }

  /** By id; null: there is no such index. Documents whose ids are made by the server as a list. */
  async documents(index: string): Promise<Json> {
    const hits = await this.#hits(index)
    if (hits === null) return null
    const { versions = true, anonymous_ids: isAnonymous = false } = this.#scenario.record
    const documents = hits.map((hit): [string, Fields] => {
      const source = hit.get('_source')!
      return [
        hit.get('_id') as string,
        fields({ _source: source, ...(versions && { _version: version(hit) }) }),
      ]
    })
    if (!isAnonymous) return new Map(documents)
    const nameless = documents.map(([id, document]) =>
      fields({ _id: `<${id.length} characters>`, ...Object.fromEntries(document) }),
    )
    return inOrder(nameless)
  }

  async elasticsearch(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ readonly status: number; readonly text: string }> {
    const answer = await fetch(this.#elasticsearch + path, {
      method,
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    })
    return { status: answer.status, text: await answer.text() }
  }

  async #hits(index: string): Promise<readonly Fields[] | null> {
    await this.elasticsearch('POST', `/${index}/_refresh`)
    const path = `/${index}/_search?size=${MAX_DOCUMENTS}&version=true`
    const { status, text } = await this.elasticsearch('POST', path, { query: { match_all: {} } })
    if (status !== 200) return null
    return ((parseJson(text) as Fields).get('hits') as Fields).get('hits') as readonly Fields[]
  }

  /** For many documents: how many, how often they were written, and a hash of ids, versions and sources. */
  async #digest(index: string): Promise<Json> {
    const documents = [...((await this.documents(index)) as ReadonlyMap<string, Fields>)]
      .map(([id, document]) => [this.#disguisedText(id), this.#disguised(document) as Fields] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1))
    const lines = documents.map(
      ([id, document]) => `${id} ${digestText(version(document))} ${digestText(document.get('_source')!)}`,
    )
    const versions = documents.reduce((sum, [, document]) => sum + Number(version(document).text), 0)
    return fields({
      count: count(documents.length),
      versions: count(versions),
      sha256: sha256(lines.join('\n')),
    })
  }

  async #mappings(index: string): Promise<Json> {
    const { status, text } = await this.elasticsearch('GET', `/${index}/_mapping`)
    if (status !== 200) return null
    return ((parseJson(text) as Fields).get(index) as Fields).get('mappings')!
  }

  async #indices(): Promise<Json> {
    const runId = Object.keys(this.#disguises).find((text) => !text.startsWith('http'))!
    const { text } = await this.elasticsearch('GET', `/_cat/indices/*${runId}*?h=index&format=json`)
    return (JSON.parse(text) as { index: string }[]).map(({ index }) => index).sort()
  }

  async #offsets(): Promise<Json> {
    const answer = await fetch(`${this.#worker.url}/connectors/${this.#connector}/offsets`)
    return inOrder((parseJson(await answer.text()) as Fields).get('offsets') as readonly Json[])
  }

  async #deadLetters(topic: string): Promise<Json> {
    const letters: Json[] = []
    const { partitions } = (await this.#worker.rest('GET', `/topics/${topic}`)).body as {
      partitions: { partition: number; end_offset: number }[]
    }
    for (const { partition, end_offset: end } of partitions) {
      for (let offset = 0; offset < end;) {
        const path = `/topics/${topic}/records?partition=${partition}&offset=${offset}&limit=1000`
        const { records, next_offset } = (await this.#worker.rest('GET', path)).body as {
          records: { key: string | null; value: string | null; headers: [string, string | null][] }[]
          next_offset: number
        }
        for (const { key, value, headers } of records) {
          const plain = headers.map(([name, text]) => [
            name,
            name === `${ERROR_HEADER}exception.stacktrace` && text !== null ? '<stack>' : text,
          ])
          letters.push(fields({ key, value, headers: plain }))
        }
        offset = next_offset
      }
    }
    return inOrder(letters)
  }

  async #each(names: readonly string[], look: (name: string) => Promise<Json>): Promise<Json> {
    const all = new Map<string, Json>()
    for (const name of names) all.set(name, await look(name))
    return all
  }

  #disguised(value: Json): Json {
    if (typeof value === 'string') return this.#disguisedText(value)
    if (Array.isArray(value)) return (value as readonly Json[]).map((item) => this.#disguised(item))
    if (!(value instanceof Map)) return value
    return new Map(
      [...(value as Fields)].map(([name, field]) => [this.#disguisedText(name), this.#disguised(field)]),
    )
  }

  #disguisedText(text: string): string {
    let plain = text
    for (const [own, general] of Object.entries(this.#disguises)) plain = plain.replaceAll(own, general)
    plain = plain.replace(/(available connectors are: )[^]*/, '$1…')
    const length = Array.from(plain).length
    return length > MAX_TEXT ? `<${length} characters, sha256 ${sha256(plain)}>` : plain
  }
}

/** Lists whose order says nothing. */
export function inOrder(list: readonly Json[]): readonly Json[] {
  return [...list].sort((a, b) => (canonicalText(a) < canonicalText(b) ? -1 : 1))
}

function fields(object: Readonly<Record<string, Json>>): Fields {
  return new Map(Object.entries(object))
}

function count(number: number): NumberText {
  return new NumberText(String(number))
}

function version(document: Fields): NumberText {
  return document.get('_version') as NumberText
}
