import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cstring, int32, int64 } from '../../testing/wire-bytes.ts'
import { Cursor } from '../cursor.ts'
import { ProtocolError } from '../protocol-error.ts'
import { readLogicalMessage } from './logical-message.ts'

function cursorOf(...parts: readonly Buffer[]): Cursor {
  const cursor = new Cursor()
  const bytes = Buffer.concat(parts)
  cursor.reset(bytes, 0, bytes.length)
  return cursor
}

test('a logical message has its flags, position, prefix and content', () => {
  const message = readLogicalMessage(
    cursorOf(Buffer.from([1]), int64(77n), cstring('päfix'), int32(3), Buffer.from([0, 255, 16])),
  )
  assert.deepEqual(message, {
    isTransactional: true,
    lsn: 77n,
    prefix: 'päfix',
    content: Buffer.from([0, 255, 16]),
  })
})

test('a logical message that ends too early is refused', () => {
  assert.throws(
    () =>
      readLogicalMessage(cursorOf(Buffer.from([0]), int64(77n), cstring('p'), int32(4), Buffer.from('abc'))),
    ProtocolError,
  )
})
