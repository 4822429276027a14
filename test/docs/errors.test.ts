import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { errorCodes } from '../../src/api/error-codes.ts'

const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')
const rows = [...page.matchAll(/^\| `([^`]+)` \| (.+) \|$/gm)].map(
  ([, code = '', meaning = '']) => [code, meaning] as const,
)

describe('docs/errors.md', () => {
  test('has every error code with its meaning, and no other (npm run docs writes it)', () => {
    assert.deepEqual(
      Object.fromEntries(rows.map(([code, meaning]) => [code, meaning.replaceAll('\\|', '|')])),
      { ...errorCodes },
    )
  })

  test('names each code once', () => {
    assert.equal(new Set(rows.map(([code]) => code)).size, rows.length)
  })
})
