import { recordCount } from '../../api/record-batch.ts'
import type { JsonObject } from '../../api/record.ts'
import type { SourceBatch } from '../../api/source-task.ts'
import {
  SOURCE_OFFSETS,
  sourceOffsetKey,
  type AppendRequest,
  type Log,
  type PartitionBatch,
  type StateEntry,
} from '../../log/log.ts'
import { stringifyJson } from '../../api/json/json-text.ts'

/** Bytes that may wait while an append is under way. The source reads on until they are reached. */
const MOST_WAITING_BYTES = 4 * 1024 * 1024
/** How long a source offset without records may wait for company. */
const OFFSET_ONLY_DELAY_MS = 1000

/** One that was written, or failed. */
export interface EndedAppend {
  /** How many records it has. */
  readonly records: number
  readonly tookMs: number
  readonly isDurable: boolean
  /** Of its batches; none where it failed. */
  readonly baseOffsets: readonly bigint[]
}

export interface AppendListener {
  /** The log gets these now, with their buffers. */
  readonly onBegun?: ((batches: readonly PartitionBatch[]) => void) | undefined
  readonly onDurable: (offset: JsonObject) => void
  readonly onFailure: (error: unknown) => void
  /** Of each append, before either of the others. */
  readonly onEnded: (append: EndedAppend) => void
}

/**
 * Appends a source task's batches with their source offsets. One append is under way at a time and takes everything
 * that gathered meanwhile: idle, a row is written at once; busy, writes grow to what the disk needs. With a second one
 * under way, a first that fails (disk full) could be followed by one that does not, and its offset would hide the gap.
 */
export class AppendQueue {
  readonly #log: Pick<Log, 'append'>
  readonly #connector: string
  readonly #listener: AppendListener
  readonly #gatherMs: number
  #batches: PartitionBatch[] = []
  #waitingBytes = 0
  /** The newest source offset of each source partition, not yet taken to an append. */
  readonly #offsets = new Map<string, JsonObject>()
  #lastOffset: JsonObject | null = null
  #timer: NodeJS.Timeout | null = null
  #isWriting = false
  #written: Promise<void> = Promise.resolve()
  #room: PromiseWithResolvers<undefined> | null = null
  /** Takes nothing more, but writes what it has. */
  #isDraining = false
  #isClosed = false

  constructor(
    log: Pick<Log, 'append'>,
    connector: string,
    listener: AppendListener,
    /** So long records wait for company, unless there is no room for more; by default they do not. */
    gatherMs = 0,
  ) {
    this.#log = log
    this.#connector = connector
    this.#listener = listener
    this.#gatherMs = gatherMs
  }

  /** Takes batches over; resolves when there is room for more. */
  async add(batches: readonly PartitionBatch[], { partition, offset }: SourceBatch): Promise<void> {
    if (this.#isClosed || this.#isDraining) return
    this.#offsets.set(sourceOffsetKey(this.#connector, partition), offset)
    this.#lastOffset = offset
    if (batches.length === 0) return this.#writeLater(OFFSET_ONLY_DELAY_MS)
    for (const batch of batches) {
      this.#batches.push(batch)
      this.#waitingBytes += batch.batch.length
    }
    if (this.#isGathering()) this.#writeLater(this.#gatherMs)
    else this.#write()
    while (this.#waitingBytes >= MOST_WAITING_BYTES && !this.#isClosed) {
      this.#room ??= Promise.withResolvers<undefined>()
      await this.#room.promise
    }
  }

  /**
   * Writes what waits and takes nothing more from now on: a source that is in full swing would keep it busy for ever, and
   * have what it handed over last cut off in the middle of an append.
   */
  async drain(): Promise<void> {
    this.#isDraining = true
    while (this.#offsets.size > 0 && !this.#isClosed) {
      this.#write()
      await this.#written
    }
    await this.abandon()
  }

  /**
   * Takes and writes nothing more. Resolves when what is under way has ended: a task that starts again earlier would read
   * a source offset that is about to change, and append twice.
   */
  abandon(): Promise<void> {
    this.#isClosed = true
    this.#stopTimer()
    this.#makeRoom()
    return this.#written
  }

  #write(): void {
    if (this.#isWriting || this.#isClosed) return
    this.#stopTimer()
    this.#written = this.#writeAll()
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true
    try {
      await this.#writeWaiting()
    } catch (error) {
      void this.abandon()
      this.#listener.onFailure(error)
    }
    this.#isWriting = false
    // What came between the last look and this turn found somebody writing.
    if (this.#batches.length > 0 && !this.#isGathering()) this.#write()
  }

  #isGathering(): boolean {
    return this.#gatherMs > 0 && this.#waitingBytes < MOST_WAITING_BYTES && !this.#isDraining
  }

  #writeLater(delayMs: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null
      this.#write()
    }, delayMs)
  }

  async #writeWaiting(): Promise<void> {
    while (this.#offsets.size > 0 && !this.#isClosed) {
      const batches = this.#batches
      const offset = this.#lastOffset!
      const state = this.#takeState()
      this.#batches = []
      this.#waitingBytes = 0
      this.#makeRoom()
      await this.#append({ batches, state })
      if (!this.#isClosed) this.#listener.onDurable(offset)
      // An offset without records that came meanwhile waits for its timer again.
      if ((this.#batches.length === 0 || this.#isGathering()) && this.#timer !== null) return
    }
  }

  async #append(request: AppendRequest): Promise<void> {
    // The log may have the buffers for itself from now on.
    const records = recordsIn(request.batches)
    const startedMs = performance.now()
    let isDurable = false
    let baseOffsets: readonly bigint[] = []
    this.#listener.onBegun?.(request.batches)
    try {
      ;({ baseOffsets } = await this.#log.append(request))
      isDurable = true
    } finally {
      this.#listener.onEnded({ records, tookMs: performance.now() - startedMs, isDurable, baseOffsets })
    }
  }

  #takeState(): StateEntry[] {
    const state = [...this.#offsets].map(([key, offset]) => ({
      space: SOURCE_OFFSETS,
      key,
      value: stringifyJson(offset),
    }))
    this.#offsets.clear()
    return state
  }

  #makeRoom(): void {
    this.#room?.resolve(undefined)
    this.#room = null
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }
}

export function recordsIn(batches: readonly PartitionBatch[]): number {
  let count = 0
  for (const { batch } of batches) count += recordCount(batch)
  return count
}
