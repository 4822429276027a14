import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { errorCodes } from '../../src/api/error-codes.ts'

const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')
const listed = new Map(
  [...page.matchAll(/^\| `([^`]+)` \| (.+) \|$/gm)].map(([, code = '', meaning = '']) => [
    code,
    meaning.replaceAll('\\|', '|'),
  ]),
)
const known = new Map<string, string>(Object.entries(errorCodes))

describe('docs/errors.md (npm run docs writes it)', () => {
  test('lists every error code with its meaning', () => {
    assert.deepEqual(
      [...known].filter(([code, meaning]) => listed.get(code) !== meaning),
      [],
    )
  })

  test('lists no other', () => {
    assert.deepEqual(
      [...listed.keys()].filter((code) => !known.has(code)),
      [],
    )
  })
})
