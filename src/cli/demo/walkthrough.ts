import { createInterface } from 'node:readline/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { ConnectError } from '../../api/errors.ts'
import { request } from '../worker-client.ts'
import { connectorProblem, sinkConnector, sourceConnector } from './demo-connectors.ts'
import { ensureConnector } from '../ensure-connector.ts'
import type { DemoDatabase, Row } from './demo-database.ts'
import type { Progress } from '../progress.ts'
import type { SearchClient, SearchDocument } from './search-client.ts'
import type { DemoServers } from './start-servers.ts'

const TOPIC = 'postgres_server.public.test_table'
/** `slot.name` of the example. */
const SLOT = 'debezium'
const DEADLINE_MS = 60_000
const NAMES = ['Alice', 'Bob', 'Carol', 'Dave', 'Erin', 'Frank', 'Grace', 'Heidi', 'Ivan', 'Judy']

interface Parts {
  readonly database: DemoDatabase
  readonly search: SearchClient
  readonly servers: DemoServers
  readonly progress: Progress
  readonly signal: AbortSignal
}

/** The steps of the walk-through, through the same doors that its users take: SQL, the worker's REST, `_search`. */
export class Walkthrough {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async run(): Promise<void> {
    const { database, search, progress } = this.#parts
    const isNewTable = await progress.step(
      'Table',
      async () => {
        const isNew = await database.createTable()
        if (isNew) for (const name of NAMES.slice(0, 2)) await database.insert(name, 'Was there before')
        return isNew
      },
      (isNew) =>
        isNew ? 'Table exampledb.test_table, with two rows' : 'Table exampledb.test_table is there already',
    )
    await this.#ensureConnectors()
    await progress.step(
      'Waiting for the rows to arrive',
      async () => {
        const count = await this.#allRowsFound()
        await this.#until('streaming', () => database.isStreamedFrom(SLOT))
        return count
      },
      (count) => `All ${count} rows found by _search`,
    )
    for (let i = 0; i < (isNewTable ? 3 : 1); i++) await this.insertRow()
    await progress.step(
      'Searching',
      () => this.#allRowsFound(),
      (count) => `All ${count} rows found by _search`,
    )
    progress.line(`\nThe latest documents of ${TOPIC}:`)
    for (const document of await search.latest(TOPIC, 5)) progress.line(`  ${shown(document)}`)
  }

  /** Inserts one row and says how long its commit took to become a document. */
  async insertRow(): Promise<void> {
    const { database, progress } = this.#parts
    const position = await this.#endOffset()
    const name = NAMES[(await database.ids()).length % NAMES.length]!
    await progress.step(
      'Inserting a row',
      async () => {
        const row = await database.insert(name, 'Inserted just now')
        const committedMs = performance.now()
        await this.#documentOf(row, position)
        return { row, tookMs: performance.now() - committedMs }
      },
      ({ row, tookMs }) => `Row ${row.id}, ${row.name}: from commit to document in ${tookMs.toFixed(1)} ms`,
    )
  }

  /** A row for each press of Enter, until the input or the demo ends; without a terminal, none. */
  async insertOnEnter(): Promise<void> {
    const { signal } = this.#parts
    if (process.stdin.isTTY) {
      const lines = createInterface({ input: process.stdin, signal })
      for await (const _ of lines) await this.insertRow()
    }
  }

  async #ensureConnectors(): Promise<void> {
    const { database, progress, servers } = this.#parts
    const source = await sourceConnector(database.url)
    const sink = await sinkConnector(servers.searchUrl)
    for (const connector of [source, sink]) {
      await progress.step(
        connector.name,
        () => ensureConnector(servers.workerUrl, connector),
        (outcome) => {
          if (outcome === 'created') return `POST /connectors: ${connector.name}`
          if (outcome === 'changed') return `${connector.name} is there already; its addresses are changed`
          return `${connector.name} is there already`
        },
      )
    }
  }

  /** How many rows there are, once each of them has a document. */
  async #allRowsFound(): Promise<number> {
    const { database, search } = this.#parts
    return this.#until('every row to be in the index', async () => {
      const ids = await database.ids()
      const missing = await search.missing(TOPIC, ids)
      return missing.length === 0 && ids.length
    })
  }

  /** The document's id is the position of the row's record in the topic: at `position`, or after other changes. */
  async #documentOf(row: Row, position: number): Promise<void> {
    const { search } = this.#parts
    let offset = position
    await this.#until(
      `the document of row ${row.id}`,
      async () => {
        const document = await search.document(TOPIC, `${TOPIC}+0+${offset}`)
        if (document === null) return false
        if (document._source['id'] === row.id) return true
        offset++
        return false
      },
      0,
    )
  }

  async #endOffset(): Promise<number> {
    const { status, body } = await request(this.#parts.servers.workerUrl, 'GET', `/topics/${TOPIC}`)
    if (status === 404) return 0
    const { partitions } = body as { readonly partitions: readonly { readonly end_offset: number }[] }
    return partitions[0]?.end_offset ?? 0
  }

  /** Asks until there is an answer; a connector that failed ends it with the connector's own words. */
  async #until<T>(what: string, probe: () => Promise<T | false>, pauseMs = 20): Promise<T> {
    const { servers, signal } = this.#parts
    const startMs = performance.now()
    let checkedMs = startMs
    for (;;) {
      signal.throwIfAborted()
      const answer = await probe()
      if (answer !== false) return answer
      const nowMs = performance.now()
      if (nowMs - checkedMs > 1000) {
        checkedMs = nowMs
        const problem = await connectorProblem(servers.workerUrl)
        if (problem !== null) throw new ConnectError('cli.demo-failed', problem)
      }
      if (nowMs - startMs > DEADLINE_MS) {
        throw new ConnectError('cli.demo-failed', `Waited ${DEADLINE_MS / 1000} s in vain for ${what}`)
      }
      await delay(pauseMs)
    }
  }
}

function shown({ _id, _source }: SearchDocument): string {
  return `${_id}\n    ${JSON.stringify(_source)}`
}
