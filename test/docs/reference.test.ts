import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { referencePages } from '../../scripts/reference-pages.ts'

const folder = new URL('../../docs/reference/', import.meta.url)

describe('docs/reference (npm run docs writes it)', async () => {
  const pages = await referencePages()

  test('has a page for each kind of plugin, and no other', () => {
    assert.deepEqual(readdirSync(folder).sort(), [...pages.keys()].sort())
  })

  for (const [file, text] of pages) {
    test(`${file} is what the definitions say`, () => {
      assert.equal(readFileSync(new URL(file, folder), 'utf8'), text)
    })
  }

  test('says what every option is for', () => {
    for (const [file, text] of pages) assert.doesNotMatch(text, /^\| `[^`]+` \|[^|]*\|[^|]*\| +\|$/m, file)
  })
})
