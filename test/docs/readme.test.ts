import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { codeBlocks } from './code-blocks.ts'

describe('the pages that are there in Korean too', () => {
  for (const [page, korean] of [
    ['README.md', 'README.ko.md'],
    ['docs/quick-start.md', 'docs/quick-start.ko.md'],
  ] as const) {
    test(`${korean} has the commands of ${page}`, () => {
      assert.ok(codeBlocks(page).length > 5)
      assert.deepEqual(codeBlocks(korean), codeBlocks(page))
    })
  }

  for (const page of ['README.md', 'README.ko.md']) {
    test(`${page} links to files that are there`, () => {
      const text = readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8')
      const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, link]) => link!)
      assert.ok(links.length >= 4)
      for (const link of links) {
        // A directory reads as EISDIR, which is fine.
        try {
          readFileSync(new URL(`../../${link}`, import.meta.url))
        } catch (error) {
          assert.equal((error as NodeJS.ErrnoException).code, 'EISDIR', `${page} links to ${link}`)
        }
      }
    })
  }
})
