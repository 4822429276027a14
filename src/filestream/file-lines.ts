import { open, stat, type FileHandle } from 'node:fs/promises'
import { ConfigError, RetriableError } from '../api/errors.ts'
import type { TaskLogger } from '../api/source-task.ts'
import { LineSplitter } from './line-splitter.ts'
import type { LineSource, Lines } from './line-source.ts'

const CHUNK_BYTES = 256 * 1024

/** Which file a name stood for when it was opened. */
interface OpenFile {
  readonly handle: FileHandle
  readonly inode: number
  readonly lines: LineSplitter
  /** The next byte to read. */
  position: number
}

/**
 * The lines of a file that grows. A file that was moved away is read to its end before the new one of its name; one that
 * became shorter is read from its start.
 */
export class FileLines implements LineSource {
  readonly #path: string
  readonly #log: TaskLogger
  readonly #chunk = Buffer.allocUnsafe(CHUNK_BYTES)
  #start: number
  #file: OpenFile | null = null
  #isMissing = false

  /** @param start the position that was reached before */
  constructor(path: string, start: number, log: TaskLogger) {
    this.#path = path
    this.#start = start
    this.#log = log
  }

  async read(most: number): Promise<Lines | null> {
    this.#file ??= await this.#open()
    const file = this.#file
    if (file === null) return null
    const texts = file.lines.take(most)
    while (texts.length < most) {
      const { bytesRead } = await file.handle.read(this.#chunk, 0, CHUNK_BYTES, file.position)
      if (bytesRead === 0) break
      file.position += bytesRead
      file.lines.add(Buffer.from(this.#chunk.subarray(0, bytesRead)))
      texts.push(...file.lines.take(most - texts.length))
    }
    return texts.length > 0 ? { texts, end: file.lines.position } : this.#endOf(file)
  }

  async close(): Promise<void> {
    const file = this.#file
    this.#file = null
    await file?.handle.close()
  }

  /** Nothing more is in it: it waits for its writer, was replaced, or cut. */
  async #endOf(file: OpenFile): Promise<Lines | null> {
    const now = await stat(this.#path).catch(() => null)
    const isSame = now?.ino === file.inode
    if (isSame && now.size >= file.position) return null
    // Moved away without a successor: its writer may still have it.
    if (now === null) return null
    const rest = isSame ? null : file.lines.last()
    this.#log.info({ file: this.#path }, isSame ? 'The file was cut' : 'The file was replaced by a new one')
    await this.close()
    this.#start = 0
    // The old file's position means nothing in the new one, also after a crash.
    return { texts: rest === null ? [] : [rest], end: 0 }
  }

  async #open(): Promise<OpenFile | null> {
    let handle: FileHandle
    try {
      handle = await open(this.#path, 'r')
    } catch (error) {
      return this.#openFailed(error as NodeJS.ErrnoException)
    }
    this.#isMissing = false
    const found = await handle.stat()
    if (found.isDirectory()) {
      await handle.close()
      throw new ConfigError('filestream.unreadable', `${this.#path} (option file) is a directory`)
    }
    const { ino, size } = found
    if (size < this.#start) {
      this.#log.warn(
        { file: this.#path, position: this.#start, size },
        'The file is shorter than what was read of it; it is read from its start',
      )
      this.#start = 0
    }
    return { handle, inode: ino, lines: new LineSplitter(this.#start), position: this.#start }
  }

  #openFailed(error: NodeJS.ErrnoException): null {
    if (error.code !== 'ENOENT') {
      throw new RetriableError('filestream.unreadable', `${this.#path} (option file) cannot be read`, {
        cause: error,
      })
    }
    if (!this.#isMissing) this.#log.warn({ file: this.#path }, 'The file is not there yet; waiting for it')
    this.#isMissing = true
    return null
  }
}
