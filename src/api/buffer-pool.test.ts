import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BufferPool, bufferPool } from './buffer-pool.ts'
import { ByteWriter } from './byte-writer.ts'

test('memory that was given back is lent again, for requests of its size only', () => {
  const pool = new BufferPool()
  const first = pool.take(100_000)
  assert.equal(first.length, 131_072)
  const memory = first.buffer
  pool.give(memory)
  assert.notEqual(pool.take(60_000).buffer, memory)
  assert.equal(pool.take(131_072).buffer, memory)
  assert.notEqual(pool.take(131_072).buffer, memory)
})

test('memory given twice is lent once', () => {
  const pool = new BufferPool()
  const { buffer } = pool.take(5000)
  pool.give(buffer)
  pool.give(buffer)
  assert.notEqual(pool.take(5000).buffer, pool.take(5000).buffer)
})

test('a pool keeps some buffers of a size, 16 MB of all, and none that is very large', () => {
  const pool = new BufferPool()
  const lentAgain = (bytes: number): number => {
    const taken = Array.from({ length: 15 }, () => pool.take(bytes).buffer)
    for (const memory of taken) pool.give(memory)
    const again = Array.from({ length: 15 }, () => pool.take(bytes).buffer)
    return again.filter((memory) => taken.includes(memory)).length
  }
  assert.equal(lentAgain(8192), 10)
  assert.equal(lentAgain(2 ** 21), 8)
  const large = pool.take(5_000_000)
  assert.ok(large.length >= 5_000_000)
  pool.give(large.buffer)
  assert.notEqual(pool.take(5_000_000).buffer, large.buffer)
})

test('only what the pool lent counts as lent, so that shared memory is not transferred', () => {
  const pool = new BufferPool()
  assert.equal(pool.lent(pool.take(1).buffer), true)
  assert.equal(pool.lent(pool.take(10_000_000).buffer), true)
  assert.equal(pool.lent(Buffer.from('abc').buffer), false)
  assert.equal(pool.lent(Buffer.allocUnsafeSlow(4096).buffer), false)
})

test('a writer that grows gives its smaller buffer back and keeps what was written', () => {
  const writer = new ByteWriter(300_000)
  const before = writer.bytes.buffer
  writer.copy(Buffer.alloc(200_000, 'a'), 0, 200_000)
  writer.copy(Buffer.alloc(900_000, 'b'), 0, 900_000)
  assert.notEqual(writer.bytes.buffer, before)
  assert.equal(bufferPool.take(before.byteLength).buffer, before)
  const text = writer.bytes.toString('latin1', 0, writer.position)
  assert.equal(text, 'a'.repeat(200_000) + 'b'.repeat(900_000))
})
