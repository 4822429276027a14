import { DataError } from '../api/errors.ts'

const LF = 10
const CR = 13
/** A line that is longer is no line: its file is of another kind. */
const MOST_BYTES = 64 * 1024 * 1024

/** Cuts bytes into lines that end with LF, CR or both. Works on bytes: positions in a file are counted in them. */
export class LineSplitter {
  #pending: Buffer = Buffer.alloc(0)
  /** Where `#pending` begins. */
  #position: number
  /** What of it has been looked through without finding an end. */
  #searched = 0

  constructor(position: number) {
    this.#position = position
  }

  /** Throws `DataError` where a line does not end. */
  add(bytes: Buffer): void {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes])
    if (this.#searched > MOST_BYTES) {
      throw new DataError(
        'filestream.line-too-long',
        `The line at byte ${this.#position} is longer than ${MOST_BYTES} bytes; this is no file of lines`,
      )
    }
  }

  /** Where the next line begins. */
  get position(): number {
    return this.#position
  }

  /** The whole lines that are there, at most so many. */
  take(most: number): string[] {
    const lines: string[] = []
    while (lines.length < most) {
      const line = this.#next()
      if (line === null) break
      lines.push(line)
    }
    return lines
  }

  /** The next whole line, or null. A CR at the end waits: a LF may follow. */
  #next(): string | null {
    const bytes = this.#pending
    for (let i = this.#searched; i < bytes.length; i++) {
      const byte = bytes[i]
      if (byte !== LF && byte !== CR) continue
      if (byte === CR && i + 1 === bytes.length) return this.#searchedTo(i)
      return this.#cut(i, byte === CR && bytes[i + 1] === LF ? i + 2 : i + 1)
    }
    return this.#searchedTo(bytes.length)
  }

  /** What is left of a file that nobody writes any more. */
  last(): string | null {
    const { length } = this.#pending
    if (length === 0) return null
    return this.#cut(this.#pending[length - 1] === CR ? length - 1 : length, length)
  }

  #searchedTo(index: number): null {
    this.#searched = index
    return null
  }

  #cut(end: number, next: number): string {
    const text = this.#pending.toString('utf8', 0, end)
    this.#pending = this.#pending.subarray(next)
    this.#position += next
    this.#searched = 0
    return text
  }
}
