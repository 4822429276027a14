import { Buffer } from 'node:buffer'
import { GuardedSocket } from './guarded-socket.ts'

const BUFFER_BYTES = 64 * 1024

/**
 * A socket that reads into the same memory again and again. Otherwise Node allocates 64 KB for each read, which at the
 * speed of a snapshot is two gigabytes every ten seconds for the garbage collector: see `bench/snapshot.ts`.
 */
export class ReadingSocket extends GuardedSocket {
  #isLending = false

  constructor() {
    super({
      onread: {
        buffer: Buffer.allocUnsafeSlow(BUFFER_BYTES),
        callback: (length, buffer) => {
          const bytes = Buffer.from(buffer.buffer, buffer.byteOffset, length)
          // `pg` keeps what it was given as long as a message is not complete.
          return this.emit('data', this.#isLending ? bytes : Buffer.from(bytes))
        },
      },
    })
  }

  /** From now on what comes with `data` is valid only until its listeners have returned. */
  lendBytes(): void {
    this.#isLending = true
  }
}
