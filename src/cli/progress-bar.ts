const LINE_EVERY_MS = 5000
const BAR_WIDTH = 30

/** How far a long piece of work is, on standard error: a moving bar on a terminal, else a line now and then. */
export class ProgressBar {
  #linedAt = performance.now()
  #isOpen = false

  /** @param text what stands behind the bar: `1200 of 5000 rows` */
  show({ text, done, of }: { readonly text: string; readonly done: number; readonly of: number }): void {
    if (process.stderr.isTTY) {
      const filled = of === 0 ? 0 : Math.floor((BAR_WIDTH * Math.min(done, of)) / of)
      const bar = '#'.repeat(filled).padEnd(BAR_WIDTH, '.')
      const room = (process.stderr.columns || 80) - BAR_WIDTH - 4
      process.stderr.write(`\r\u001B[K[${bar}] ${text.slice(0, room)}`)
      this.#isOpen = true
    } else if (performance.now() - this.#linedAt >= LINE_EVERY_MS) {
      this.#linedAt = performance.now()
      process.stderr.write(`${text}\n`)
    }
  }

  /** Takes the bar away. */
  end(): void {
    if (this.#isOpen) process.stderr.write('\r\u001B[K')
    this.#isOpen = false
  }
}
