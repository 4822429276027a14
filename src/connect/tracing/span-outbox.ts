import type { SpanRecord } from './tracer.ts'

const MOST_WAITING = 64
const DELAY_MS = 200

/** Gathers a thread's spans: a message for each would cost the paths that they tell of more than the spans do. */
export class SpanOutbox {
  readonly #send: (spans: readonly SpanRecord[]) => void
  #spans: SpanRecord[] = []
  #timer: NodeJS.Timeout | null = null

  constructor(send: (spans: readonly SpanRecord[]) => void) {
    this.#send = send
  }

  add(span: SpanRecord): void {
    this.#spans.push(span)
    if (this.#spans.length >= MOST_WAITING) this.flush()
    else this.#timer ??= setTimeout(() => this.flush(), DELAY_MS).unref()
  }

  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    const spans = this.#spans
    this.#spans = []
    if (spans.length > 0) this.#send(spans)
  }
}
