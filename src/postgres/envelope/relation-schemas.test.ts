import assert from 'node:assert/strict'
import { test } from 'node:test'
import { envelopeOptions, relationOf } from '../testing/relations.ts'
import { relationSchemas } from './relation-schemas.ts'

const RELATION = relationOf({
  columns: [
    { name: 'id', type: 'int4' },
    { name: 'a b', type: 'text' },
    { name: 'a.b', type: 'text' },
  ],
  key: ['id'],
})

function namesWith(fieldNameAdjustmentMode: 'none' | 'avro' | 'avro_unicode'): readonly string[] {
  const options = { ...envelopeOptions(), fieldNameAdjustmentMode }
  return relationSchemas(RELATION, options).row.fields!.map(({ name }) => name)
}

test('columns whose adjusted names are the same are refused, by their names', () => {
  assert.deepEqual(namesWith('none'), ['id', 'a b', 'a.b'])
  assert.deepEqual(namesWith('avro_unicode'), ['id', 'a_u0020b', 'a_u002eb'])
  assert.throws(() => namesWith('avro'), {
    code: 'connect.config-invalid',
    message:
      'Cannot create field because of field name duplication a_b: field.name.adjustment.mode gives it to the columns "a b" and ' +
      '"a.b" of public.t. Leave one of them out (column.exclude.list), or set avro_unicode',
  })
})
