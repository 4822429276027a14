import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '../../../test/properties.ts'
import { Decimal } from '../../api/decimal.ts'
import type { Schema } from '../../api/schema.ts'
import { isStruct } from '../../api/struct.ts'
import type { ConnectValue } from '../../api/value.ts'
import { enforceRecordSize } from './enforce-record-size.ts'
import { estimatedSize } from './estimated-size.ts'
import { recordTemplate } from '../testing/both-ways.ts'
import { change, tombstone } from '../testing/envelopes.ts'
import { INT32, STRING } from '../testing/records.ts'

const BYTES: Schema = { type: 'bytes', optional: true }
const COLUMNS = { id: INT32, a: STRING, b: BYTES }

function enforce(maxBytes: number, minFieldSize = 0) {
  const config = { 'max.bytes': String(maxBytes), 'min.field.size': String(minFieldSize) }
  return enforceRecordSize.create(config)
}

function rowOf(value: ConnectValue, name: 'before' | 'after'): readonly ConnectValue[] {
  assert.ok(isStruct(value))
  const row = value.get(name)
  assert.ok(isStruct(row))
  return row.schema.fields!.map((_field, i) => row.at(i))
}

test('what is too much is taken from large columns, from each by its share', () => {
  const given = change(COLUMNS, 'u', {
    before: [1, 'x'.repeat(1000), Buffer.alloc(3000)],
    after: [1, 'short', Buffer.alloc(4000)],
  })
  const { value } = enforce(estimatedSize(given) - 800, 100).apply(given)!
  const [, a, b] = rowOf(value, 'before')
  assert.deepEqual([(a as string).length, (b as Uint8Array).length], [900, 2700])
  assert.deepEqual(rowOf(value, 'after'), [1, 'short', Buffer.alloc(3600)])
})

test('records that are not too large, have nothing to cut or come from a topic stay as they are', () => {
  const given = change(COLUMNS, 'c', { after: [1, 'x'.repeat(500), null] })
  assert.equal(enforce(estimatedSize(given)).apply(given), given)
  assert.equal(enforce(10, 500).apply(given), given)
  const read = { ...given, partition: 0, origin: { topic: 't', partition: 0, offset: 1n } }
  assert.equal(enforce(10).apply(read), read)
  const gone = tombstone()
  assert.equal(enforce(10).apply(gone), gone)
})

test('a text is cut between characters, and a decimal is not', () => {
  const number: Schema = { type: 'bytes', optional: true, name: 'org.apache.kafka.connect.data.Decimal' }
  const given = change({ id: INT32, n: number, a: STRING }, 'c', {
    after: [1, new Decimal(10n ** 60n, 2), '😀'.repeat(100)],
  })
  const { value } = enforce(estimatedSize(given) - 99).apply(given)!
  assert.deepEqual(rowOf(value, 'after').slice(1), [new Decimal(10n ** 60n, 2), '😀'.repeat(50)])
})

test('the size of a number is that of its bytes in two’s complement', () => {
  const number: Schema = { type: 'bytes', optional: true, name: 'org.apache.kafka.connect.data.Decimal' }
  const size = (unscaled: bigint) =>
    estimatedSize(change({ n: number }, 'c', { after: [new Decimal(unscaled, 0)] }))
  const none = size(0n) - 1
  for (const [unscaled, bytes] of [
    [0n, 1],
    [127n, 1],
    [128n, 2],
    [-128n, 1],
    [-129n, 2],
    [32767n, 2],
  ] as const) {
    assert.equal(size(unscaled) - none, bytes)
  }
})

test('no record over the limit keeps more of a column than its share, whatever the texts are', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.string(), fc.nat(500), (a, b, maxBytes) => {
      const given = change({ id: INT32, a: STRING, b: STRING }, 'c', { after: [1, a, b] })
      const [, cutA, cutB] = rowOf(enforce(maxBytes + 1).apply(given)!.value, 'after')
      assert.ok(a.startsWith(cutA as string) && b.startsWith(cutB as string))
    }),
  )
})

test('only rows without text and bytes are left to templates', () => {
  const compiles = (columns: Readonly<Record<string, Schema>>): boolean => {
    const template = recordTemplate(change(columns, 'c', { after: [1, null] }), () => false)
    return enforce(10).compile!(template) !== null
  }
  assert.deepEqual([compiles({ id: INT32, n: INT32 }), compiles({ id: INT32, a: STRING })], [true, false])
})
