import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Schema } from '../../api/schema.ts'
import { isStruct, ValueStruct } from '../../api/struct.ts'
import type { ConnectValue } from '../../api/value.ts'
import { swapGeometryCoordinates } from './swap-geometry-coordinates.ts'
import { recordTemplate } from '../testing/both-ways.ts'
import { change, tombstone } from '../testing/envelopes.ts'
import { INT32, mapRecord, STRING, structRecord, structSchemaOf } from '../testing/records.ts'

const ONE_TWO = Buffer.from('0101000000000000000000f03f0000000000000040', 'hex')
const TWO_ONE = Buffer.from('01010000000000000000000040000000000000f03f', 'hex')
const FIELDS: Readonly<Record<string, Schema>> = {
  wkb: { type: 'bytes', optional: false },
  srid: { type: 'int32', optional: true },
}
const GEOMETRY = structSchemaOf(FIELDS, { name: 'io.debezium.data.geometry.Geometry', optional: true })
const GEOGRAPHY = structSchemaOf(FIELDS, { name: 'io.debezium.data.geometry.Geography', optional: true })

function at(srid: number | null, schema = GEOMETRY): ValueStruct {
  return new ValueStruct(schema, [ONE_TWO, srid])
}

/** The bytes of a geometry. */
function wkbOf(value: ConnectValue): ConnectValue {
  assert.ok(isStruct(value))
  return value.get('wkb')
}

function swapped(schema: Schema, value: ConnectValue, config: Record<string, string> = {}): ConnectValue {
  const record = structRecord(structSchemaOf({ value: schema }), [value])
  const result = swapGeometryCoordinates.create(config).apply(record)!
  assert.equal(result.valueSchema, record.valueSchema)
  assert.ok(isStruct(result.value))
  return result.value.at(0)
}

test('geometries of the usual systems are swapped, of others and of none they are not', () => {
  for (const srid of [4326, 3857, 4269])
    assert.deepEqual(wkbOf(swapped(GEOMETRY, at(srid))), new Uint8Array(TWO_ONE))
  for (const srid of [0, 25832, null]) assert.deepEqual(wkbOf(swapped(GEOMETRY, at(srid))), ONE_TWO)
  assert.equal(swapped(GEOMETRY, null), null)
})

test('the systems are those of srids where they are named', () => {
  const config = { srids: '25832, 5' }
  assert.deepEqual(wkbOf(swapped(GEOMETRY, at(25832), config)), new Uint8Array(TWO_ONE))
  assert.deepEqual(wkbOf(swapped(GEOMETRY, at(4326), config)), ONE_TWO)
  assert.throws(() => swapGeometryCoordinates.create({ srids: '4326,WGS84' }), /"WGS84" is none/)
})

test('geographies stay, as in the reference', () => {
  assert.deepEqual(wkbOf(swapped(GEOGRAPHY, at(4326, GEOGRAPHY))), ONE_TWO)
})

test('geometries are found in the rows of changes, in lists and in maps', () => {
  const columns = { id: INT32, place: GEOMETRY, name: STRING }
  const given = change(columns, 'u', { before: [1, at(4326), 'a'], after: [1, at(4326), 'a'] })
  const { value } = swapGeometryCoordinates.create({}).apply(given)!
  for (const name of ['before', 'after']) {
    const row = (value as ValueStruct).get(name) as ValueStruct
    assert.deepEqual([row.get('id'), row.get('name')], [1, 'a'])
    assert.deepEqual(wkbOf(row.get('place')), new Uint8Array(TWO_ONE))
  }
  const list: Schema = { type: 'array', optional: false, valueSchema: GEOMETRY }
  const map: Schema = { type: 'map', optional: false, keySchema: STRING, valueSchema: GEOMETRY }
  const [first] = swapped(list, [at(4326)]) as readonly ConnectValue[]
  assert.deepEqual(wkbOf(first!), new Uint8Array(TWO_ONE))
  const entry = (swapped(map, new Map([['k', at(4326)]])) as ReadonlyMap<string, ConnectValue>).get('k')
  assert.deepEqual(wkbOf(entry!), new Uint8Array(TWO_ONE))
})

test('tombstones and records without a schema pass', () => {
  const transformation = swapGeometryCoordinates.create({})
  for (const record of [tombstone(), mapRecord({ wkb: ONE_TWO, srid: 4326 })])
    assert.equal(transformation.apply(record), record)
})

test('only what can have neither a geometry nor a default is left to templates', () => {
  const transformation = swapGeometryCoordinates.create({})
  const compiles = (schema: Schema): boolean => {
    const record = structRecord(structSchemaOf({ value: schema }), [null])
    return transformation.compile!(recordTemplate(record, () => false)) !== null
  }
  assert.deepEqual(
    [STRING, GEOGRAPHY, GEOMETRY, { ...INT32, default: 5 }, structSchemaOf({ place: GEOMETRY })].map(
      compiles,
    ),
    [true, true, false, false, false],
  )
})
