import assert from 'node:assert/strict'
import test from 'node:test'
import fc from '../../test/properties.ts'
import { ByteWriter, constantText } from './byte-writer.ts'

test('constants and copied words leave the bytes that they stand for, wherever they begin and end', () => {
  const text = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ minLength: 120, maxLength: 140 }))
  fc.assert(
    fc.property(fc.array(fc.tuple(text, fc.nat(5), fc.boolean())), fc.nat(8), (parts, initialBytes) => {
      const out = new ByteWriter(initialBytes)
      for (const [bytes, before, isConstant] of parts) {
        if (isConstant) out.constant(constantText(bytes))
        else {
          const source = new DataView(Uint8Array.from([...Array<number>(before).fill(7), ...bytes]).buffer)
          out.copyWords(source, before, source.byteLength)
        }
      }
      const expected = Buffer.concat(parts.map(([bytes]) => bytes))
      assert.deepEqual(out.bytes.subarray(0, out.position), expected)
    }),
  )
})

test('a number is set where it belongs', () => {
  const out = new ByteWriter(2)
  out.utf8('ab')
  out.int32(-2)
  out.setInt32(2, 0x01020304)
  assert.deepEqual([...out.bytes.subarray(0, out.position)], [0x61, 0x62, 4, 3, 2, 1])
})
