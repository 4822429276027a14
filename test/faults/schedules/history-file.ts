import { createHash } from 'node:crypto'
import { createWriteStream, type WriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'
import type { HistoryLine } from './history.ts'

/** Longer texts are kept as what tells them apart. */
const LONGEST = 64

/** A run's history while it is made: a JSON text a line. */
export class HistoryFile implements AsyncDisposable {
  readonly path: string
  readonly #stream: WriteStream

  constructor(path: string) {
    this.path = path
    this.#stream = createWriteStream(path)
  }

  add(line: HistoryLine): void {
    this.#stream.write(`${JSON.stringify(line)}\n`)
  }

  note(text: string): void {
    this.add({ kind: 'note', at: new Date().toISOString(), text })
  }

  trouble(text: string): void {
    this.add({ kind: 'trouble', at: new Date().toISOString(), text })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stream.end()
    await finished(this.#stream)
  }
}

/** What of a row or document goes into the history. */
export function shortened(columns: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(columns).map(([name, value]) => [name, shortText(value)]))
}

function shortText(value: unknown): unknown {
  if (typeof value !== 'string' || value.length <= LONGEST) return value
  return `${value.length} characters, md5 ${createHash('md5').update(value).digest('hex')}`
}
