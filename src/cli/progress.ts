import { styleText } from 'node:util'

const FRAMES = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'
const CLEAR_LINE = '\r\x1b[2K'

/**
 * Steps as lines, each with what came of it and how long it took; on a terminal, a moving line below them says what is
 * under way. Steps may overlap.
 */
export class Progress implements Disposable {
  readonly #out: NodeJS.WriteStream
  readonly #signal: AbortSignal
  readonly #underWay = new Set<string>()
  #frame = 0
  #timer: NodeJS.Timeout | null = null

  /** @param signal the user ends it: that is said, no step begins any more, and none that ends is shown */
  constructor(out: NodeJS.WriteStream, signal: AbortSignal) {
    this.#out = out
    this.#signal = signal
    signal.addEventListener('abort', () => {
      this.#underWay.clear()
      this.line('\nStopping …')
    })
  }

  /** @param describe what the step came to: `PostgreSQL 18 on port 5432` */
  async step<T>(label: string, work: () => Promise<T>, describe: (result: T) => string): Promise<T> {
    this.#signal.throwIfAborted()
    const startMs = performance.now()
    this.#underWay.add(label)
    this.#animate()
    try {
      const result = await work()
      this.#underWay.delete(label)
      const tookMs = performance.now() - startMs
      const took = tookMs < 1000 ? `${tookMs.toFixed(0)} ms` : `${(tookMs / 1000).toFixed(1)} s`
      if (!this.#signal.aborted) {
        this.line(`${this.#paint('green', '✔')} ${describe(result)} ${this.#paint('dim', `(${took})`)}`)
      }
      return result
    } catch (error) {
      this.#underWay.delete(label)
      // What is broken off by Ctrl-C has not failed.
      if (!this.#signal.aborted) this.line(`${this.#paint('red', '✖')} ${label}`)
      throw error
    }
  }

  line(text: string): void {
    this.#out.write(`${this.#out.isTTY ? CLEAR_LINE : ''}${text}\n`)
    this.#animate()
  }

  [Symbol.dispose](): void {
    if (this.#timer === null) return
    clearInterval(this.#timer)
    this.#timer = null
    this.#out.write(CLEAR_LINE)
  }

  /** Colours for terminals that want them (`NO_COLOR`). */
  #paint(format: 'green' | 'red' | 'dim', text: string): string {
    return styleText(format, text, { stream: this.#out })
  }

  #animate(): void {
    if (!this.#out.isTTY) return
    if (this.#underWay.size === 0) return this[Symbol.dispose]()
    const width = this.#out.columns || 80
    const text = `${FRAMES[this.#frame++ % FRAMES.length]} ${[...this.#underWay].join(', ')} …`
    this.#out.write(CLEAR_LINE + text.slice(0, width - 1))
    this.#timer ??= setInterval(() => this.#animate(), 80).unref()
  }
}
