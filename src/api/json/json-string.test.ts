import assert from 'node:assert/strict'
import test from 'node:test'
import fc from '../../../test/properties.ts'
import { ByteWriter } from '../byte-writer.ts'
import { isPlainJson, writeJsonString } from './json-string.ts'

test('bytes are plain where they are written as they are, wherever they begin and end', () => {
  const edges = fc.constantFrom(
    0,
    1,
    0x1f,
    0x20,
    0x21,
    0x22,
    0x23,
    0x5b,
    0x5c,
    0x5d,
    0x7f,
    0x80,
    0xa2,
    0xdc,
    0xef,
    0xf0,
    0xff,
  )
  const byte = fc.oneof(fc.integer({ min: 0x61, max: 0x7a }), fc.integer({ min: 0x80, max: 0xef }), edges)
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 24 }), fc.nat(5), fc.nat(5), (bytes, before, after) => {
      const around = (count: number) => Array<number>(count).fill(0)
      const source = Uint8Array.from([...around(before), ...bytes, ...around(after)])
      const end = before + bytes.length
      const out = new ByteWriter()
      writeJsonString(source, before, end, out)
      const isCopied = Buffer.from([0x22, ...bytes, 0x22]).equals(out.bytes.subarray(0, out.position))
      // A cut character beyond U+FFFF is passed on, but looked at.
      const isPlain = isCopied && bytes.every((one) => one < 0xf0)
      assert.equal(isPlainJson(new DataView(source.buffer), before, end), isPlain)
    }),
    { numRuns: 2000 },
  )
})
