import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '../api/record.ts'
import type { ValidatedOption } from '../connect/herder.ts'
import { configInfos } from './config-info.ts'

function shown(name: string, value: string): JsonObject {
  const state = { name, definition: null, value, errors: ['No.'], recommendedValues: [], visible: true }
  const options: ValidatedOption[] = [state]
  const { configs } = configInfos({ name: 'c', errorCount: 1, groups: [], options })
  return (configs as JsonObject[])[0]!
}

test('a property that nobody defines is shown without a definition, and hidden where its name says that it is secret', () => {
  assert.deepEqual(shown('admin.override.nix', 'x'), {
    definition: null,
    value: {
      name: 'admin.override.nix',
      value: 'x',
      recommended_values: [],
      errors: ['No.'],
      visible: true,
    },
  })
  for (const name of ['admin.override.sasl.jaas.config', 'my.password'])
    assert.equal((shown(name, 'canary')['value'] as JsonObject)['value'], '[hidden]')
})
