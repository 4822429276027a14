import { request } from './client.ts'

/** One event, as the worker sent it. */
export interface ServerEvent {
  readonly name: string
  readonly data: string
}

/**
 * Server-sent events of a path, for as long as the connection holds. The browser's own `EventSource` cannot say who asks.
 */
export async function* serverEvents(path: string, signal: AbortSignal): AsyncGenerator<ServerEvent> {
  const response = await request(path, { headers: { accept: 'text/event-stream' }, signal })
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      const blocks = (rest + value).split('\n\n')
      rest = blocks.pop()!
      for (const block of blocks) {
        const event = parse(block)
        if (event !== null) yield event
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

/** Null: a comment, which keeps the connection alive. */
function parse(block: string): ServerEvent | null {
  let name = 'message'
  const data: string[] = []
  for (const line of block.split('\n')) {
    if (line.startsWith('event: ')) name = line.slice(7)
    else if (line.startsWith('data: ')) data.push(line.slice(6))
  }
  return data.length === 0 ? null : { name, data: data.join('\n') }
}
