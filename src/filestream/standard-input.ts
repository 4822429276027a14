import { createReadStream, fstatSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { ReadStream, isatty } from 'node:tty'
import { LineSplitter } from './line-splitter.ts'
import type { LineSource, Lines } from './line-source.ts'

const STDIN = 0

/** The lines that come on the worker's standard input. Its end is no failure: nothing comes any more. */
export class StandardInput implements LineSource {
  readonly #lines = new LineSplitter(0)
  readonly #stream: Readable
  #hasEnded = false
  #failure: Error | null = null

  constructor(stream: Readable = openStandardInput()) {
    this.#stream = stream
    stream.on('error', (error) => (this.#failure = error))
    stream.on('end', () => (this.#hasEnded = true))
    stream.on('data', (bytes: Buffer) => {
      try {
        this.#lines.add(bytes)
      } catch (error) {
        this.#failure = error as Error
      }
      stream.pause()
    })
  }

  async read(most: number): Promise<Lines | null> {
    if (this.#failure !== null) throw this.#failure
    const texts = this.#lines.take(most)
    if (texts.length === 0 && this.#hasEnded) {
      const rest = this.#lines.last()
      if (rest !== null) texts.push(rest)
    }
    if (texts.length < most) this.#stream.resume()
    return texts.length === 0 ? null : { texts, end: this.#lines.position }
  }

  async close(): Promise<void> {
    this.#stream.destroy()
  }
}

/** Threads have no `process.stdin` of their own. What can wait is not read by the file system's few threads. */
function openStandardInput(): Readable {
  if (isatty(STDIN)) return new ReadStream(STDIN)
  const kind = fstatSync(STDIN)
  if (kind.isFIFO() || kind.isSocket()) return new Socket({ fd: STDIN, readable: true, writable: false })
  return createReadStream('', { fd: STDIN, autoClose: false })
}
