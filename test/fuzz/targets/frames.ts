import assert from 'node:assert/strict'
import { ProtocolError } from '../../../src/postgres/wire/protocol-error.ts'
import { FrameReader, type FrameHandler } from '../../../src/postgres/wire/frame-reader.ts'
import {
  cstring,
  frame,
  int16,
  int32,
  keepalive,
  xlogData,
} from '../../../src/postgres/testing/wire-bytes.ts'
import type { FuzzTarget } from '../fuzz-target.ts'

/** So that it has to grow. */
const LITTLE_ROOM = 8

/** Takes every message, and now and then asks to get it again. */
class Listener implements FrameHandler {
  reader: FrameReader | null = null
  messages: string[] = []
  #calls = 0

  message(type: number, bytes: Buffer, start: number, end: number): boolean {
    if (this.reader !== null && ++this.#calls % 3 === 0) return false
    this.messages.push(`${type} ${bytes.toString('latin1', start, end)}`)
    return true
  }

  drained(): void {}
}

/** Messages are the same, and refused at the same place, however the bytes are cut and whenever the reader is held. */
export async function open(): Promise<FuzzTarget> {
  return {
    seeds: [
      Buffer.concat([frame('W', Buffer.from([0, 0, 0])), xlogData(5n, Buffer.from('B')), keepalive(6n)]),
      Buffer.concat([frame('D', int16(1), int32(3), Buffer.from('abc')), frame('C', cstring('SELECT 1'))]),
      Buffer.concat([frame('Z', Buffer.from('I')), frame('E', Buffer.from('SERROR\0C42601\0Mno\0\0'))]),
    ],
    words: ['d\0\0\0\x04', 'C', 'Z\0\0\0\x05I'],
    run(input) {
      const whole = new Listener()
      const error = pushed(new FrameReader(whole, LITTLE_ROOM), [Buffer.from(input)])
      const pieces = new Listener()
      const reader = (pieces.reader = new FrameReader(pieces, LITTLE_ROOM))
      const cut = input.length === 0 ? 1 : 1 + (input[0]! % 7)
      const chunks = Array.from({ length: Math.ceil(input.length / cut) }, (_, i) =>
        Buffer.from(input.subarray(i * cut, (i + 1) * cut)),
      )
      assert.equal(pushed(reader, chunks), error)
      assert.deepEqual(pieces.messages, whole.messages)
    },
  }
}

function pushed(reader: FrameReader, chunks: readonly Buffer[]): string | null {
  try {
    for (const chunk of chunks) {
      reader.push(chunk)
      while (reader.isHeld) reader.release()
    }
    return null
  } catch (error) {
    if (error instanceof ProtocolError) return error.message
    throw error
  }
}
