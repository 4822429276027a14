import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Schema } from '../../api/schema.ts'
import { isStruct, ValueStruct } from '../../api/struct.ts'
import { geometryFormatTransformer } from './geometry-format-transformer.ts'
import { recordTemplate } from '../testing/both-ways.ts'
import { INT32, STRING, structRecord, structSchemaOf } from '../testing/records.ts'

const WKB = Buffer.from('0101000000000000000000f03f0000000000000040', 'hex')
const EWKB = Buffer.from('0101000020e6100000000000000000f03f0000000000000040', 'hex')
const GEOMETRY = structSchemaOf(
  { wkb: { type: 'bytes', optional: false }, srid: { type: 'int32', optional: true } },
  { name: 'io.debezium.data.geometry.Geometry', optional: true },
)

function bytesOf(wkb: Uint8Array, format?: string): string {
  const config = format === undefined ? {} : { format }
  const record = structRecord(structSchemaOf({ g: GEOMETRY }), [new ValueStruct(GEOMETRY, [wkb, 4326])])
  const { value } = geometryFormatTransformer.create(config).apply(record)!
  assert.ok(isStruct(value))
  const geometry = value.at(0)
  assert.ok(isStruct(geometry))
  return Buffer.from(geometry.get('wkb') as Uint8Array).toString('hex')
}

test('WKB and EWKB become each other, and with format=ewkb both become WKB', () => {
  const [wkb, ewkb] = [WKB.toString('hex'), EWKB.toString('hex')]
  assert.deepEqual([bytesOf(WKB), bytesOf(EWKB)], [ewkb, wkb])
  assert.deepEqual([bytesOf(WKB, 'ewkb'), bytesOf(EWKB, 'ewkb')], [wkb, wkb])
})

test('a geometry comes out the same whatever came before it', () => {
  const transformation = geometryFormatTransformer.create({})
  const schema = structSchemaOf({ g: GEOMETRY })
  const of = (wkb: Uint8Array) =>
    transformation.apply(structRecord(schema, [new ValueStruct(GEOMETRY, [wkb, 4326])]))
  assert.deepEqual(of(WKB), (of(EWKB), of(WKB)))
})

test('only what can have neither a geometry nor a default is left to templates', () => {
  const transformation = geometryFormatTransformer.create({})
  const compiles = (schema: Schema): boolean => {
    const record = structRecord(structSchemaOf({ value: schema }), [null])
    return transformation.compile!(recordTemplate(record, () => false)) !== null
  }
  const list: Schema = { type: 'array', optional: false, valueSchema: GEOMETRY }
  const row = structSchemaOf({ place: GEOMETRY })
  assert.deepEqual([STRING, list, GEOMETRY, { ...INT32, default: 5 }, row].map(compiles), [
    true,
    true,
    false,
    false,
    false,
  ])
})
