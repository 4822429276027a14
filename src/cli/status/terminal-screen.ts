const ESC = '\u001B['
/** A screen of its own, without a cursor, whose lines end at its edge. */
const ENTER = `${ESC}?1049h${ESC}?25l${ESC}?7l`
const LEAVE = `${ESC}?7h${ESC}?25h${ESC}?1049l`

/** The whole terminal, drawn anew with each change. What was there before comes back, however the process ends. */
export class TerminalScreen implements Disposable {
  readonly #out: NodeJS.WriteStream
  readonly #lines: () => readonly string[]
  #isOpen = true

  /** @param lines what is to be seen now; each call asks for it */
  constructor(out: NodeJS.WriteStream, lines: () => readonly string[]) {
    this.#out = out
    this.#lines = lines
    out.write(ENTER)
    out.on('resize', this.draw)
    process.once('exit', this.#leave)
  }

  readonly draw = (): void => {
    if (!this.#isOpen) return
    const height = this.#out.rows || 24
    const lines = this.#lines()
    const hidden = lines.length - height
    const shown =
      hidden <= 0
        ? lines
        : [...lines.slice(0, height - 1), `… ${hidden + 1} more lines: a larger window shows them`]
    this.#out.write(`${ESC}H${shown.map((line) => `${line}${ESC}K`).join('\r\n')}${ESC}J`)
  };

  [Symbol.dispose](): void {
    process.off('exit', this.#leave)
    this.#leave()
  }

  readonly #leave = (): void => {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#out.off('resize', this.draw)
    this.#out.write(LEAVE)
  }
}
