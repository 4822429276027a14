import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fieldsBesideRows } from './fields-beside-rows.ts'

const SOURCE = {
  transforms: 'unwrap',
  'transforms.unwrap.type': 'io.debezium.transforms.ExtractNewRecordState',
  'transforms.unwrap.add.fields': 'op, source.ts_ms, lsn:position',
}
const SINK = {
  transforms: 'key',
  'transforms.key.type': 'org.apache.kafka.connect.transforms.ExtractField$Key',
  'transforms.key.field': 'id',
  'behavior.on.null.values': 'delete',
}

test('fields that tell of a change are known from the configuration', () => {
  assert.deepEqual(fieldsBesideRows(SOURCE, SINK), ['__op', '__source_ts_ms', '__position'])
  assert.deepEqual(fieldsBesideRows({ ...SOURCE, 'transforms.unwrap.add.fields.prefix': '' }, SINK), [
    'op',
    'source_ts_ms',
    'position',
  ])
  const inserted = {
    ...SINK,
    transforms: 'key,when',
    'transforms.when.type': 'org.apache.kafka.connect.transforms.InsertField$Value',
    'transforms.when.timestamp.field': 'at!',
    'transforms.when.offset.field': 'place',
  }
  assert.deepEqual(fieldsBesideRows(SOURCE, inserted).slice(3), ['place', 'at'])
  const renamed = {
    ...SINK,
    transforms: 'key,name',
    'transforms.name.type': 'org.apache.kafka.connect.transforms.ReplaceField$Value',
    'transforms.name.renames': 'id:number,__op:operation',
  }
  assert.equal(fieldsBesideRows(SOURCE, renamed)[0], 'operation')
})

for (const { what, source = {}, sink = {}, says } of [
  { what: 'envelopes', source: { transforms: '' }, says: /values are envelopes of changes/ },
  {
    what: 'a transformation that nobody knows',
    sink: { transforms: 'own', 'transforms.own.type': 'com.example.Own$Value' },
    says: /transformation own \(Own\) of the sink may make documents of more than their rows/,
  },
  {
    what: 'documents that are a field of another',
    sink: { transforms: 'in', 'transforms.in.type': 'org.apache.kafka.connect.transforms.HoistField$Value' },
    says: /transformation in \(HoistField\) of the sink/,
  },
  {
    what: 'deletes that are passed over',
    sink: { 'behavior.on.null.values': 'ignore' },
    says: /behavior\.on\.null\.values=delete/,
  },
  {
    what: 'deletes that are dropped',
    source: { 'transforms.unwrap.delete.tombstone.handling.mode': 'drop' },
    says: /handling\.mode=drop/,
  },
  {
    what: 'a source without tombstones',
    source: { 'tombstones.on.delete': 'false' },
    says: /tombstones\.on\.delete=false/,
  },
]) {
  test(`${what} are refused`, () => {
    assert.throws(() => fieldsBesideRows({ ...SOURCE, ...source }, { ...SINK, ...sink }), says)
  })
}
