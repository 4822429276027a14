import { randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { BulkExecutor } from './documents/bulk.ts'
import { DocumentWriter } from './documents/document-writer.ts'
import { aliasRoutes } from './handlers/aliases.ts'
import { bulkRoutes } from './handlers/bulk.ts'
import { catRoutes } from './handlers/cat.ts'
import { clusterRoutes } from './handlers/cluster.ts'
import { documentRoutes } from './handlers/documents.ts'
import { indexRoutes } from './handlers/indices.ts'
import { nodeInfoRoutes } from './handlers/node-info.ts'
import { scrollRoutes } from './handlers/scroll.ts'
import { searchRoutes } from './handlers/search.ts'
import { createHttpListener } from './http/http-listener.ts'
import { Router } from './http/router.ts'
import type { NodeServices } from './node-services.ts'
import { Scrolls } from './search/scrolls.ts'
import { Searcher } from './search/searcher.ts'
import { Database } from './store/database.ts'
import { IndexRegistry } from './store/index-registry.ts'
import { ReaderPool } from './store/reader-pool.ts'

export interface SearchNodeOptions {
  /** Where the documents are kept; made where it does not exist. One node at a time. */
  readonly dataDir: string
  readonly host?: string
  /** 0: any free one. */
  readonly port?: number
  /** Told of errors that no client caused; without it they are only answered with 500. */
  readonly onInternalError?: (error: unknown) => void
}

export interface SearchNode extends AsyncDisposable {
  readonly url: string
  readonly port: number
  /** Breaks off running searches, then closes the files. May be called twice. */
  close(): Promise<void>
}

/**
 * Starts an Elasticsearch look-alike over one SQLite file: for trying out and for tests, not for production. Works in
 * the main thread and in a worker thread; SQLite keeps that thread busy while it indexes. A port that is taken rejects
 * with the error of the server, code EADDRINUSE.
 */
export async function startSearchNode(options: SearchNodeOptions): Promise<SearchNode> {
  const { dataDir, host = '127.0.0.1', port = 9200, onInternalError = () => undefined } = options
  const database = new Database(dataDir)
  const readers = new ReaderPool(database.path)
  const closing = new AbortController()
  try {
    const now = (): number => Date.now()
    const registry = new IndexRegistry(database.connection, now)
    const writer = new DocumentWriter(registry, now)
    const scrolls = new Scrolls()
    let server: Server | undefined
    const services: NodeServices = {
      registry,
      writer,
      bulk: new BulkExecutor(registry, writer),
      searcher: new Searcher(readers, now),
      scrolls,
      nodeId: nodeIdOf(database),
      address: () => hostAndPort(host, server),
      now,
    }
    server = createServer(
      // Elasticsearch never closes a connection that is idle, and clients rely on it.
      { keepAliveTimeout: 0 },
      createHttpListener({ router: routerOf(services), closing: closing.signal, onInternalError }),
    )
    await listen(server, host, port)
    return new RunningSearchNode({ server, host, closing, database, readers, scrolls })
  } catch (error) {
    await readers.close()
    database.close()
    throw error
  }
}

function routerOf(node: NodeServices): Router {
  return new Router(
    nodeInfoRoutes(node),
    bulkRoutes(node),
    documentRoutes(node),
    scrollRoutes(node),
    searchRoutes(node),
    indexRoutes(node),
    aliasRoutes(node),
    clusterRoutes(node),
    catRoutes(node),
  )
}

function nodeIdOf({ connection }: Database): string {
  const id = randomBytes(16).toString('base64url')
  connection.prepare("INSERT INTO node (key, value) VALUES ('id', ?) ON CONFLICT DO NOTHING").run(id)
  return String(connection.prepare("SELECT value FROM node WHERE key = 'id'").get()?.['value'])
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function hostAndPort(host: string, server: Server | undefined): string {
  const { port } = (server?.address() ?? { port: 0 }) as AddressInfo
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

interface RunningParts {
  readonly server: Server
  readonly host: string
  readonly closing: AbortController
  readonly database: Database
  readonly readers: ReaderPool
  readonly scrolls: Scrolls
}

class RunningSearchNode implements SearchNode {
  readonly url: string
  readonly port: number
  readonly #parts: RunningParts
  #closed: Promise<void> | undefined

  constructor(parts: RunningParts) {
    this.#parts = parts
    this.url = `http://${hostAndPort(parts.host, parts.server)}`
    this.port = (parts.server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    await (this.#closed ??= this.#close())
  }

  async #close(): Promise<void> {
    const { server, closing, database, readers, scrolls } = this.#parts
    const stopped = new Promise<void>((resolve) => server.close(() => resolve()))
    closing.abort(new Error('the search node is closing'))
    server.closeAllConnections()
    await stopped
    scrolls.close()
    await readers.close()
    database.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
