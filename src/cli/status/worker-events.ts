import type { JsonObject } from '../../api/record.ts'
import { parseJson, parseJsonObject } from '../../api/json/json-text.ts'
import { reach, refusal, unreachable } from '../worker-client.ts'

export interface WorkerEvent {
  readonly name: string
  readonly data: JsonObject
}

/** A worker tells something every second: one that is silent for so long is gone, whatever its connection says. */
const SILENT_MS = 30_000

/**
 * What happens in a worker, as it happens: its `/events`. Ends where the worker ends them. Throws `cli.worker-unreachable`,
 * `cli.request-refused`, and the reason of `signal`.
 */
export async function* workerEvents(url: string, signal: AbortSignal): AsyncGenerator<WorkerEvent> {
  const silent = new AbortController()
  const timer = setTimeout(() => silent.abort(), SILENT_MS)
  try {
    const response = await reach(url, '/events', {
      headers: { accept: 'text/event-stream' },
      signal: AbortSignal.any([signal, silent.signal]),
    })
    if (!(response.headers.get('content-type') ?? '').startsWith('text/event-stream'))
      throw refusal({ status: response.status, body: bodyOf(await response.text()) }, 'GET /events')
    let rest = ''
    for await (const text of response.body!.pipeThrough(new TextDecoderStream())) {
      timer.refresh()
      const blocks = (rest + text).split('\n\n')
      rest = blocks.pop()!
      for (const block of blocks) {
        // Else a comment, which keeps the connection alive.
        const [, name, data] = /^event: ([^\n]*)\ndata: ([^\n]*)$/.exec(block) ?? []
        if (name !== undefined && data !== undefined) yield { name, data: parseJsonObject(data) }
      }
    }
  } catch (error) {
    signal.throwIfAborted()
    throw error instanceof TypeError || silent.signal.aborted ? unreachable(url, error) : error
  } finally {
    clearTimeout(timer)
  }
}

/** What does not answer as a worker does has nothing to say. */
function bodyOf(text: string): unknown {
  try {
    return parseJson(text)
  } catch {
    return null
  }
}
