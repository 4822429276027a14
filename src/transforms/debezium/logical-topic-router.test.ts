import assert from 'node:assert/strict'
import { it } from 'node:test'
import { byLogicalTableRouter, toLogicalTopicRouter } from './logical-topic-router.ts'
import { holdBothWays, plain } from '../testing/both-ways.ts'
import { change, tombstone } from '../testing/envelopes.ts'
import { keyAfter } from '../testing/expectations.ts'
import { INT32, record, STRING } from '../testing/records.ts'

const COLUMNS = { id: INT32, name: STRING }
const insert = change(COLUMNS, 'c', { after: [1, 'one'] })
const CONFIG = { 'topic.regex': '(.*)\\.t', 'topic.replacement': '$1.all' }

it('ByLogicalTableRouter moves records, and renames their schemas after the new topic', () => {
  const moved = byLogicalTableRouter.create(CONFIG).apply(insert)!
  assert.equal(moved.topic, 'p.public.all')
  assert.deepEqual(
    [
      moved.keySchema!.name,
      moved.valueSchema!.name,
      ...moved.valueSchema!.fields!.slice(0, 2).map(({ schema }) => schema.name),
    ],
    ['p.public.all.Key', 'p.public.all.Envelope', 'p.public.all.Value', 'p.public.all.Value'],
  )
  assert.deepEqual(plain(moved.value), plain(insert.value))
})

const KEYS: readonly (readonly [string, Record<string, string>, unknown])[] = [
  [
    'the topic',
    {},
    [
      ['id', 1],
      ['__dbz__physicalTableIdentifier', 'p.public.t'],
    ],
  ],
  [
    'a name of its own',
    { 'key.field.name': 'k' },
    [
      ['id', 1],
      ['k', 'p.public.t'],
    ],
  ],
  [
    'a part of the topic',
    { 'key.field.regex': '.*\\.(\\w+)', 'key.field.replacement': 'from-$1' },
    [
      ['id', 1],
      ['__dbz__physicalTableIdentifier', 'from-t'],
    ],
  ],
  ['nothing', { 'key.enforce.uniqueness': 'false' }, [['id', 1]]],
]

for (const [what, config, expected] of KEYS) {
  it(`ByLogicalTableRouter adds to the key ${what}`, () =>
    assert.deepEqual(keyAfter(byLogicalTableRouter, { ...CONFIG, ...config }, insert), expected))
}

it('ToLogicalTopicRouter differs in the name of the field only', () => {
  assert.deepEqual(keyAfter(toLogicalTopicRouter, CONFIG, insert), [
    ['id', 1],
    ['__dbz__sourceIdentifier', 'p.public.t'],
  ])
})

it('ByLogicalTableRouter gives the same from templates, tombstones included', () => {
  const router = byLogicalTableRouter.create(CONFIG)
  const deletion = change(COLUMNS, 'd', { before: [1, null] })
  const keyless = { ...insert, keySchema: null, key: null }
  for (const each of [insert, deletion, keyless, tombstone()]) {
    // The absent row is known beforehand, the columns are not.
    const absent = each === insert || each === keyless ? 'before' : 'after'
    const isConstant = (leaf: number): boolean =>
      leaf === (absent === 'before' ? (each === insert ? 1 : 0) : 3)
    assert.equal(holdBothWays(router, each, isConstant), 'compiled')
  }
})

it('ByLogicalTableRouter leaves other topics alone, and values that are no envelopes', () => {
  const other = record({ topic: 'x' })
  assert.equal(byLogicalTableRouter.create(CONFIG).apply(other), other)
  const row = byLogicalTableRouter.create(CONFIG).apply(record({ valueSchema: STRING, value: 'v' }))!
  assert.deepEqual([row.topic, row.value, row.keySchema], ['p.public.all', 'v', null])
})

it('ByLogicalTableRouter needs a replacement for each expression', () => {
  assert.throws(() => byLogicalTableRouter.create({ ...CONFIG, 'key.field.regex': 'x' }), {
    name: 'ConfigError',
    message: 'key.field.replacement must be non-empty if key.field.regex is set.',
  })
})
