import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '../../../test/properties.ts'
import { frame, int32 } from '../testing/wire-bytes.ts'
import { FrameReader, type FrameHandler } from './frame-reader.ts'
import { ConnectError } from '../../api/errors.ts'

class Collector implements FrameHandler {
  readonly seen: string[] = []
  drains = 0
  refuse = 0

  message(type: number, bytes: Buffer, start: number, end: number): boolean {
    if (this.refuse > 0) {
      this.refuse--
      return false
    }
    this.seen.push(String.fromCharCode(type) + bytes.toString('latin1', start, end))
    return true
  }

  drained(): void {
    this.drains++
  }
}

const messages = fc.array(
  fc.tuple(
    fc.constantFrom('d', 'C', 'Z', 'E'),
    fc.string({ maxLength: 300 }).map((text) => Buffer.from(text)),
  ),
  { maxLength: 30 },
)

/** Cuts bytes at the given places (taken modulo their length). */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [...new Set([0, ...places.map((place) => place % (bytes.length + 1)), bytes.length])].sort(
    (a, b) => a - b,
  )
  // Copies: a chunk's memory may be used again once it is read.
  return sorted.slice(1).map((end, i) => Buffer.from(bytes.subarray(sorted[i], end)))
}

test('messages come out the same however the stream is cut, and however often the handler refuses', () => {
  fc.assert(
    fc.property(messages, fc.array(fc.nat()), fc.array(fc.nat({ max: 3 })), (list, places, refusals) => {
      const bytes = Buffer.concat(list.map(([type, body]) => frame(type, body)))
      const collector = new Collector()
      const reader = new FrameReader(collector)
      for (const [i, chunk] of cut(bytes, places).entries()) {
        collector.refuse = refusals[i] ?? 0
        reader.push(chunk)
        while (reader.isHeld) reader.release()
        chunk.fill(0xff)
      }
      assert.deepEqual(
        collector.seen,
        list.map(([type, body]) => type + body.toString('latin1')),
      )
    }),
  )
})

test('a message longer than the carry buffer is put together from many chunks', () => {
  const collector = new Collector()
  const reader = new FrameReader(collector)
  const body = Buffer.alloc(3_000_000, 'x')
  const bytes = frame('d', body)
  for (let at = 0; at < bytes.length; at += 65_536) reader.push(bytes.subarray(at, at + 65_536))
  reader.push(frame('Z', Buffer.from('I')))
  assert.deepEqual(
    collector.seen.map((message) => message.length),
    [3_000_001, 2],
  )
})

test('chunks that arrive while the reader is held wait in their order', () => {
  const collector = new Collector()
  const reader = new FrameReader(collector)
  reader.hold()
  reader.push(frame('d', Buffer.from('1')))
  reader.push(frame('d', Buffer.from('2')))
  assert.deepEqual(collector.seen, [])
  assert.equal(collector.drains, 0)
  reader.release()
  assert.deepEqual(collector.seen, ['d1', 'd2'])
})

test('drained is told after the last whole message of what was received', () => {
  const collector = new Collector()
  const reader = new FrameReader(collector)
  const bytes = Buffer.concat([frame('d', Buffer.from('1')), frame('d', Buffer.from('2'))])
  reader.push(bytes.subarray(0, 8))
  assert.deepEqual([collector.seen.length, collector.drains], [1, 1])
  reader.push(bytes.subarray(8))
  assert.deepEqual([collector.seen.length, collector.drains], [2, 2])
})

test('random bytes neither hang nor crash: they are read, waited for, or refused with one error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
      try {
        new FrameReader(new Collector()).push(Buffer.from(bytes))
      } catch (error) {
        assert.ok(error instanceof ConnectError && error.code === 'postgres.protocol')
      }
    }),
  )
})

test('an impossible length or an unknown type is a protocol error', () => {
  for (const bytes of [
    [0x64, 0, 0, 0, 3],
    [0x64, 0xff, 0xff, 0xff, 0xff],
    [0x64, 0x7f, 0xff, 0xff, 0xff],
    [0x48 + 0x80, 0, 0, 0, 4],
  ]) {
    assert.throws(() => new FrameReader(new Collector()).push(Buffer.from(bytes)), {
      code: 'postgres.protocol',
    })
  }
})

test('a length that nobody fills takes no memory', () => {
  const reader = new FrameReader({ message: () => true, drained: () => undefined })
  const before = process.memoryUsage().arrayBuffers
  reader.push(Buffer.concat([Buffer.from('d'), int32(0x3fff_ffff), Buffer.from('little')]))
  reader.push(Buffer.alloc(200_000))
  reader.push(Buffer.alloc(200_000))
  assert.ok(process.memoryUsage().arrayBuffers - before < 10_000_000)
})
