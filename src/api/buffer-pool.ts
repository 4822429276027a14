/** Smaller buffers are cheap to allocate and not worth keeping. */
const LEAST_BYTES = 4096
/** Batches hold about a megabyte; a writer that doubles may reach the next power of two. */
const MOST_BYTES = 2 * 1024 * 1024
/** Batches that wait, as many that are being written, and the one under way. */
const KEPT_PER_SIZE = 10
const MOST_KEPT_BYTES = 16 * 1024 * 1024

/**
 * Buffers of one thread, used again: V8 collects dead `ArrayBuffer`s late, so a writer that allocates a megabyte for
 * each batch at 300 MB/s grows by hundreds of megabytes before the first of them is freed. Sizes are powers of two, some
 * of each are kept, all of them together at most 16 MB.
 */
export class BufferPool {
  readonly #free = new Map<number, ArrayBuffer[]>()
  readonly #taken = new WeakSet<ArrayBufferLike>()
  #keptBytes = 0

  /** A buffer of at least `minBytes` that has its `ArrayBuffer` for itself. The bytes in it are arbitrary. */
  take(minBytes: number): Buffer {
    const size = pooledSize(minBytes)
    if (size > MOST_BYTES) return this.#lend(Buffer.allocUnsafeSlow(minBytes))
    const kept = this.#free.get(size)?.pop()
    if (kept === undefined) return this.#lend(Buffer.allocUnsafeSlow(size))
    this.#keptBytes -= size
    return this.#lend(Buffer.from(kept))
  }

  /** Takes memory over that nobody uses any more. What does not fit is left to the garbage collector. */
  give(memory: ArrayBufferLike): void {
    const size = memory.byteLength
    if (!(memory instanceof ArrayBuffer) || size !== pooledSize(size) || size > MOST_BYTES) return
    let kept = this.#free.get(size)
    if (kept === undefined) this.#free.set(size, (kept = []))
    // Memory given twice would be lent twice, and one batch written over another.
    if (kept.length >= KEPT_PER_SIZE || kept.includes(memory)) return
    if (this.#keptBytes + size > MOST_KEPT_BYTES) return
    kept.push(memory)
    this.#keptBytes += size
  }

  /** Whether this memory was taken here, so that nothing else lies in it: it may be transferred to another thread. */
  lent(memory: ArrayBufferLike): boolean {
    return this.#taken.has(memory)
  }

  #lend(buffer: Buffer): Buffer {
    this.#taken.add(buffer.buffer)
    return buffer
  }
}

function pooledSize(minBytes: number): number {
  return minBytes <= LEAST_BYTES ? LEAST_BYTES : 2 ** Math.ceil(Math.log2(minBytes))
}

/** The pool of this thread. `ByteWriter` takes from it, the log gives back what it has written. */
export const bufferPool = new BufferPool()
