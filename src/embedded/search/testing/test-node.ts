import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSearchNode, type SearchNode } from '../start-search-node.ts'

/** An answer, its JSON read loosely: tests say what they expect of it. */
export interface TestAnswer {
  readonly status: number
  readonly text: string
  readonly headers: Headers
  // oxlint-disable-next-line typescript/no-explicit-any -- a test asks for what it expects, and fails where that is not there
  readonly json: any
}

export type Send = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<TestAnswer>

export interface TestNode extends AsyncDisposable {
  readonly dataDir: string
  readonly node: SearchNode
  readonly send: Send
  /** Closes the node and starts one on the same directory. */
  restart(): Promise<void>
}

/** A body that is an array goes as lines, objects as JSON, text and bytes as they are. */
function encode(body: unknown): { body?: string | Uint8Array<ArrayBuffer>; contentType?: string } {
  if (body === undefined) return {}
  if (typeof body === 'string') return { body, contentType: 'application/json' }
  if (body instanceof Uint8Array) return { body: Uint8Array.from(body), contentType: 'application/x-ndjson' }
  if (!Array.isArray(body)) return { body: JSON.stringify(body), contentType: 'application/json' }
  const lines = body.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)))
  return { body: `${lines.join('\n')}\n`, contentType: 'application/x-ndjson' }
}

/** Sends to whatever node `urlOf` names at the time. */
export function sender(urlOf: () => string): Send {
  return async (method, path, body, headers = {}) => {
    const { contentType, ...init } = encode(body)
    const response = await fetch(`${urlOf()}${path}`, {
      method,
      headers: { ...(contentType === undefined ? {} : { 'content-type': contentType }), ...headers },
      ...init,
    })
    const text = await response.text()
    let json: unknown
    try {
      json = JSON.parse(text)
    } catch {
      json = undefined
    }
    return { status: response.status, text, headers: response.headers, json }
  }
}

/** A node on a free port and a directory of its own, both gone when it is disposed of. */
export async function startTestNode(): Promise<TestNode> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tailrace-search-'))
  const start = async (): Promise<SearchNode> =>
    await startSearchNode({
      dataDir,
      port: 0,
      onInternalError: (error) => {
        throw error
      },
    })
  let node = await start()
  return {
    dataDir,
    get node() {
      return node
    },
    send: sender(() => node.url),
    async restart() {
      await node.close()
      node = await start()
    },
    async [Symbol.asyncDispose]() {
      await node.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
