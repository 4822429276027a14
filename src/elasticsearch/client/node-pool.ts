import { nodeUrl } from './node-url.ts'

/** One entry of `connection.url`. */
export interface ElasticsearchNode {
  readonly protocol: 'http:' | 'https:'
  readonly host: string
  readonly port: number
  /** As the header Host has it. */
  readonly hostHeader: string
  /** What stands before every path, without a slash at its end: a proxy's prefix, or nothing. */
  readonly basePath: string
  /** For messages: never holds credentials. */
  readonly name: string
  readonly credentials: string | null
}

const FIRST_PENALTY_MS = 1_000
const MAX_PENALTY_MS = 30_000

interface NodeState {
  readonly node: ElasticsearchNode
  failures: number
  notBefore: number
}

/** Parses an entry of `connection.url` that is an address. */
export function parseNode(text: string): ElasticsearchNode {
  const parsed = nodeUrl(text)!
  const protocol = parsed.protocol === 'https:' ? 'https:' : 'http:'
  const port = parsed.port === '' ? (protocol === 'https:' ? 443 : 80) : Number(parsed.port)
  const { username, password } = parsed
  return {
    protocol,
    // node:http wants an IPv6 address without its brackets.
    host: parsed.hostname.replace(/^\[|\]$/g, ''),
    port,
    hostHeader: parsed.host,
    basePath: parsed.pathname.replace(/\/+$/, ''),
    name: `${protocol}//${parsed.hostname}:${port}`,
    credentials: username === '' ? null : `${decodeURIComponent(username)}:${decodeURIComponent(password)}`,
  }
}

/** Takes the nodes in turn, passing over those that failed lately for a growing while. */
export class NodePool {
  readonly size: number
  readonly #states: NodeState[]
  #turn = 0

  constructor(nodes: readonly ElasticsearchNode[]) {
    this.size = nodes.length
    this.#states = nodes.map((node) => ({ node, failures: 0, notBefore: 0 }))
  }

  /** The node for the next request; when all failed lately, the one whose penalty ends first. */
  next(nowMs: number): ElasticsearchNode {
    let best = this.#states[this.#turn % this.#states.length]!
    for (let i = 0; i < this.#states.length; i++) {
      const state = this.#states[(this.#turn + i) % this.#states.length]!
      if (state.notBefore <= nowMs) {
        best = state
        break
      }
      if (state.notBefore < best.notBefore) best = state
    }
    this.#turn = (this.#states.indexOf(best) + 1) % this.#states.length
    return best.node
  }

  succeeded(node: ElasticsearchNode): void {
    const state = this.#states.find((state) => state.node === node)
    if (state !== undefined) state.failures = state.notBefore = 0
  }

  failed(node: ElasticsearchNode, nowMs: number): void {
    const state = this.#states.find((state) => state.node === node)
    if (state === undefined) return
    state.notBefore = nowMs + Math.min(MAX_PENALTY_MS, FIRST_PENALTY_MS * 2 ** state.failures++)
  }
}
