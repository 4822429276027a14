import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { ConnectError } from '../../../src/api/errors.ts'
import { WalStream, type WalListener } from '../../../src/postgres/replication/wal-stream.ts'
import { frame, keepalive, xlogData } from '../../../src/postgres/testing/wire-bytes.ts'
import type { PostgresConnection } from '../../../src/postgres/wire/connection.ts'
import { ServerError } from '../../../src/postgres/wire/server-error.ts'
import type { FuzzTarget } from '../fuzz-target.ts'

const COPY_BOTH = frame('W', Buffer.from([0, 0, 0]))

/** As much of a socket as a stream of replication uses. */
class Wire extends EventEmitter {
  destroyed = false
  writable = true
  #isPaused = false

  isPaused(): boolean {
    return this.#isPaused
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
  }

  write(): boolean {
    return true
  }
}

/** What a walsender says reaches the listener within its bounds, or ends the stream with an error that says so. */
export async function open(): Promise<FuzzTarget> {
  return {
    seeds: [
      Buffer.concat([xlogData(5n, Buffer.from('B12345678')), xlogData(6n, Buffer.from('C'))]),
      Buffer.concat([keepalive(7n, true), keepalive(8n), xlogData(9n, Buffer.from('I'))]),
      frame('E', Buffer.from('SFATAL\0C57P01\0Mterminating connection\0\0')),
      Buffer.concat([frame('N', Buffer.from('SWARNING\0C01000\0Mcareful\0\0')), keepalive(7n)]),
      Buffer.concat([frame('c'), frame('C', Buffer.from('COPY 0\0')), frame('Z', Buffer.from('I'))]),
    ],
    words: ['d\0\0\0\x05w', 'd\0\0\0\x16k', 'E\0\0\0\x05\0', 'c\0\0\0\x04'],
    run(input) {
      const socket = new Wire()
      const connection = { takeSocket: () => socket, close: () => (socket.destroyed = true), server: 'fuzz' }
      let ended: unknown = 'open'
      const listener: WalListener = {
        change(_lsn, bytes, start, end) {
          assert.ok(start <= end && end <= bytes.length, 'a change outside of its bytes')
          return true
        },
        keepalive: (walEnd) => assert.equal(typeof walEnd, 'bigint'),
        warned: (warning) => assert.ok(warning instanceof ServerError),
        drained: () => undefined,
        closed: (error) => (ended = error),
      }
      const stream = new WalStream(connection as unknown as PostgresConnection, listener, 0)
      stream.start('START_REPLICATION').catch(() => undefined)
      socket.emit('data', COPY_BOTH)
      stream.release()
      socket.emit('data', Buffer.from(input))
      const isExpected =
        ended === 'open' || ended === null || ended instanceof ConnectError || ended instanceof ServerError
      if (!isExpected) throw ended
      stream.close()
    },
  }
}
