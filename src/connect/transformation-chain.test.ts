import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DataError } from '../api/errors.ts'
import type { Transformation } from '../api/plugin.ts'
import type { ConnectRecord } from '../api/record.ts'
import { TransformationChain } from './transformation-chain.ts'

const record: ConnectRecord = {
  topic: 't',
  partition: null,
  keySchema: null,
  key: null,
  valueSchema: null,
  value: 'v',
  timestamp: null,
  headers: [],
}

test('a chain names the step that failed', () => {
  const pass: Transformation = { apply: (given) => given }
  const fail: Transformation = {
    apply() {
      throw new DataError('connect.data-invalid', 'no')
    },
  }
  const step = (className: string, transformation: Transformation) => ({
    className,
    transformation,
    predicate: null,
    isNegated: false,
  })
  const chain = new TransformationChain([step('x.Pass', pass), step('x.Fail', fail), step('x.After', pass)])
  assert.throws(() => chain.apply(record), DataError)
  assert.equal(chain.currentClassName, 'x.Fail')
})
