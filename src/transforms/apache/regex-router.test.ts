import assert from 'node:assert/strict'
import { it } from 'node:test'
import { regexRouter } from './regex-router.ts'
import { refuses, validates } from '../testing/expectations.ts'
import { record } from '../testing/records.ts'

const ROUTES: readonly (readonly [string, string, string, string])[] = [
  ['([^.]+)\\.([^.]+)\\.(.*)', '$1.moved-$3', 'p.public.t', 'p.moved-t'],
  ['public', 'x', 'p.public.t', 'p.public.t'],
  ['P\\.PUBLIC\\.T', 'x', 'p.public.t', 'p.public.t'],
  ['(?i)P\\.PUBLIC\\.T', 'x', 'p.public.t', 'x'],
  ['p\\.(?<schema>\\w+)\\.(\\w+)', '${schema}_$2', 'p.public.t', 'public_t'],
  ['p.*', 'costs-\\$1', 'p.public.t', 'costs-$1'],
  ['(p).*', '$10', 'p.public.t', 'p0'],
  ['p\\.\\Qpublic.t\\E', 'x', 'p.public.t', 'x'],
  // The whole name has to match, but what is replaced is the first match.
  ['a|ab', 'x', 'ab', 'xb'],
]

for (const [regex, replacement, topic, expected] of ROUTES) {
  it(`RegexRouter sends ${topic} to ${expected} for ${regex} -> ${replacement}`, () => {
    const routed = regexRouter.create({ regex, replacement }).apply(record({ topic }))
    assert.equal(routed!.topic, expected)
  })
}

it('RegexRouter refuses records whose replacement names a group that is not there', () => {
  const config = { regex: '.*', replacement: '$3' }
  refuses(regexRouter, config, { record: record(), message: 'No group 3' })
  assert.equal(regexRouter.create(config).compile!({ topic: 't', key: null, value: null, headers: [] }), null)
})

it('RegexRouter tells what is wrong with its options', () => {
  validates(regexRouter, {}, [
    'Missing required configuration "regex" which has no default value.',
    'Invalid value null for configuration regex: Invalid regex: null',
    'Missing required configuration "replacement" which has no default value.',
  ])
  const [error] = regexRouter.configDef.validate({ regex: '(', replacement: 'x' })[0]!.errors
  assert.match(error!, /^Invalid value \( for configuration regex: Invalid regex: /)
})
