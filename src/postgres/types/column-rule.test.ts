import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ByteWriter } from '../../api/byte-writer.ts'
import { envelopeOptions, relationOf, typeOf, type ColumnSketch } from '../testing/relations.ts'
import { createColumnCodec, type ColumnCodec } from './column-codec.ts'
import { applyColumnRule, hashText, type ColumnRule } from './column-rule.ts'
import { jsonValueWriter } from './value-codec.ts'

function ruled(rule: ColumnRule, sketch: Omit<ColumnSketch, 'name'>): ColumnCodec {
  const column = relationOf({ columns: [{ name: 'c', ...sketch }] }).columns[0]!
  return applyColumnRule(createColumnCodec(column, 0, envelopeOptions())!, column, rule)
}

/** By both ways, which must agree. */
function written(codec: ColumnCodec, text: string): unknown {
  const bytes = Buffer.from(text)
  const out = new ByteWriter(16)
  assert.ok(jsonValueWriter(codec.value, 'base64')(bytes, 0, bytes.length, out))
  const value: unknown = JSON.parse(out.bytes.toString('utf8', 0, out.position))
  assert.equal(codec.value.decode(bytes, 0, bytes.length), value)
  return value
}

test('texts are truncated to characters, and never to half of one', () => {
  const codec = ruled({ kind: 'truncate', length: 3 }, { type: 'text' })
  assert.equal(written(codec, 'é日本😀bb'), 'é日本')
  assert.equal(written(codec, 'ab😀'), 'ab')
  assert.equal(written(codec, 'ab'), 'ab')
  assert.equal(codec.nullValue, null)
  assert.equal(codec.value.placeholder, '__debezium_unavailable_value')
  assert.deepEqual(codec.schema.parameters, { truncateLength: '3' })
  const short = ruled({ kind: 'truncate', length: 3 }, { type: 'varchar', typeModifier: 6 })
  assert.equal(short.schema.parameters, undefined)
})

test('a mask stands for every text, null and what was not sent', () => {
  const codec = ruled({ kind: 'mask', length: 5 }, { type: 'text' })
  assert.equal(written(codec, 'secret'), '*****')
  assert.equal(codec.nullValue, '*****')
  assert.equal(codec.value.placeholder, '*****')
  assert.equal(written(ruled({ kind: 'mask', length: 0 }, { type: 'text' }), 'secret'), '')
})

test('hashes are those of the reference, cut to the length of the column', () => {
  const v1 = { kind: 'hash', version: 1, algorithm: 'SHA-256', salt: 'CzQMA0cB5K' } as const
  const v2 = { kind: 'hash', version: 2, algorithm: 'SHA-512', salt: 'abc' } as const
  assert.equal(hashText('s3cret', v1), 'e4c3e312bec03eaddb846a6495fd62fa56886180088bcfaf846935cd2cd95c47')
  assert.equal(
    written(ruled(v1, { type: 'varchar', typeModifier: 34 }), 'é日本😀bb'),
    '7eda557f41898af79aa03bfce0a5f3',
  )
  assert.equal(written(ruled(v2, { type: 'bpchar', typeModifier: 8 }), 'c1  '), '74cd')
  assert.equal(ruled(v2, { type: 'text' }).nullValue, null)
  assert.equal(hashText('x'.repeat(70_000), v1).length, 64)
})

test('what is no text is left as it is, and its schema tells of the rule all the same', () => {
  const masked = ruled({ kind: 'mask', length: 5 }, { type: 'int4' })
  assert.equal(written(masked, '7'), 7)
  assert.deepEqual(masked.schema.parameters, { masked: 'true' })
  const truncated = ruled({ kind: 'truncate', length: 5 }, { type: 'int4' })
  assert.equal(written(truncated, '1234567'), 1234567)
  assert.deepEqual(truncated.schema.parameters, { truncateLength: '5' })
})

test('bytes are truncated as texts are, and bits are not', () => {
  const bytes = Buffer.from(String.raw`\x00ff10`)
  const codec = ruled({ kind: 'truncate', length: 2 }, { type: 'bytea' })
  assert.deepEqual(codec.value.decode(bytes, 0, bytes.length), Buffer.from([0, 255]))
  const bits = ruled({ kind: 'truncate', length: 1 }, { type: 'bit', typeModifier: 16 })
  assert.deepEqual(bits.value.decode(Buffer.from('1000000000000001'), 0, 16), Buffer.from([1, 128]))
})

test('domains and arrays have the sizes of what they are made of, integers from a sequence a name of their own', () => {
  const inner = {
    ...typeOf('numeric'),
    kind: 'd',
    name: 'inner',
    base: { type: typeOf('numeric'), typeModifier: ((8 << 16) | 2) + 4 },
  } as const
  const outer = { ...inner, name: 'outer', base: { type: inner, typeModifier: -1 } } as const
  const cases: [Omit<ColumnSketch, 'name'>, type: string, length: string, scale: string][] = [
    [{ type: outer }, 'OUTER', '8', '2'],
    [{ type: 'numeric[]' }, '_NUMERIC', '131089', '0'],
    [{ type: 'varchar[]', typeModifier: 7 }, '_VARCHAR', '3', '0'],
    [{ type: 'int8', default: "nextval('s'::regclass)" }, 'BIGSERIAL', '19', '0'],
  ]
  for (const [sketch, type, length, scale] of cases) {
    assert.deepEqual(Object.values(ruled({ kind: 'source-type' }, sketch).schema.parameters!).slice(-4), [
      type,
      length,
      scale,
      'c',
    ])
  }
})

test('source types have the names and sizes that JDBC gives them', () => {
  const cases: [ColumnSketch['type'], number, type: string, length: string, scale: string | undefined][] = [
    ['int4', -1, 'INT4', '10', '0'],
    ['varchar', 16, 'VARCHAR', '12', '0'],
    ['text', -1, 'TEXT', '2147483647', '0'],
    ['numeric', ((9 << 16) | 3) + 4, 'NUMERIC', '9', '3'],
    ['numeric', -1, 'NUMERIC', '0', undefined],
    ['timestamp', 3, 'TIMESTAMP', '26', '3'],
    ['timestamptz', -1, 'TIMESTAMPTZ', '35', '6'],
    ['time', 0, 'TIME', '8', '0'],
    ['bit', 4, 'BIT', '4', '0'],
    ['float8', -1, 'FLOAT8', '17', '17'],
  ]
  for (const [type, typeModifier, name, length, scale] of cases) {
    const { parameters } = ruled({ kind: 'source-type' }, { type, typeModifier }).schema
    const { '__debezium.source.column.type': t, '__debezium.source.column.length': l, ...more } = parameters!
    assert.deepEqual(
      [t, l, more['__debezium.source.column.scale'], more['__debezium.source.column.name']],
      [name, length, scale, 'c'],
    )
  }
})
