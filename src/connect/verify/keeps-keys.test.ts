import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keepsKeys } from './keeps-keys.ts'

for (const { type, isKept, more = {} } of [
  { type: 'org.apache.kafka.connect.transforms.ReplaceField$Value', isKept: true },
  { type: ' io.debezium.transforms.ExtractNewRecordState', isKept: true },
  { type: 'org.apache.kafka.connect.transforms.ExtractField$Key', isKept: true },
  { type: 'org.apache.kafka.connect.transforms.MaskField$Key', isKept: false },
  { type: 'org.apache.kafka.connect.transforms.ValueToKey', isKept: false },
  { type: 'com.example.Own$Value', isKept: false },
  { type: 'org.apache.kafka.connect.transforms.Filter', more: { predicates: 'some' }, isKept: false },
]) {
  test(`${type}${'predicates' in more ? ' of some records' : ''} ${isKept ? 'keeps' : 'may change'} keys`, () => {
    assert.equal(keepsKeys({ transforms: 'one', 'transforms.one.type': type, ...more }), isKept)
  })
}

test('without transformations keys are kept', () => {
  assert.equal(keepsKeys({}), true)
})
