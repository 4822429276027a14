import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DataError } from '../../api/errors.ts'
import type { Transformation } from '../../api/plugin.ts'
import type { ConnectRecord } from '../../api/record.ts'
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

const step = (className: string, transformation: Transformation) => ({
  className,
  transformation,
  predicate: null,
  isNegated: false,
})

test('a chain names the step that failed', () => {
  const pass: Transformation = { apply: (given) => given }
  const fail: Transformation = {
    apply() {
      throw new DataError('connect.data-invalid', 'no')
    },
  }
  const chain = new TransformationChain([step('x.Pass', pass), step('x.Fail', fail), step('x.After', pass)])
  assert.throws(() => chain.apply(record), DataError)
  assert.equal(chain.currentClassName, 'x.Fail')
})

test("a step prepares for the record that comes to it, and what it cannot get is not the record's fault", async () => {
  const add = (letter: string, prepare?: (given: ConnectRecord) => Promise<void> | null): Transformation => ({
    apply: (given) => ({ ...given, value: `${given.value as string}${letter}` }),
    ...(prepare !== undefined && { prepare }),
  })
  const seen: unknown[] = []
  const prepare = async ({ value }: ConnectRecord): Promise<void> => {
    seen.push(value)
    if (value === 'badab') throw new Error('away')
  }
  const chain = new TransformationChain([
    step('x.A', add('a')),
    step(
      'x.Ready',
      add('b', () => null),
    ),
    step('x.C', add('c', prepare)),
    step('x.D', add('d', prepare)),
  ])
  const result = chain.apply(record)
  assert.ok(result instanceof Promise)
  assert.equal((await result)?.value, 'vabcd')
  assert.deepEqual(seen, ['vab', 'vabc'])
  assert.equal(chain.isPreparing, false)
  await assert.rejects(async () => chain.apply({ ...record, value: 'bad' }), /away/)
  assert.deepEqual([chain.isPreparing, chain.currentClassName], [true, 'x.C'])
})
