import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parseProperties } from '../../src/api/java/java-properties.ts'
import { codeBlocks } from './code-blocks.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const pages = ['README.md', ...globSync('docs/**/*.md', { cwd: root }).sort()]
const blocks = pages.flatMap((page) => codeBlocks(page).map((block) => ({ page, ...block })))
const KINDS = new Set(['sh', 'sh worker', 'sh follows', 'sql', 'json', 'properties', 'ts', 'text'])

/** Every option that the reference pages have. */
const options = new Set(
  globSync('docs/reference/*.md', { cwd: root }).flatMap((page) =>
    [...readFileSync(`${root}${page}`, 'utf8').matchAll(/^\| `([\w.-]+)` \|/gm)].map(([, name]) => name!),
  ),
)

describe('the blocks of README.md and docs/', () => {
  test('are of a kind that a test knows what to do with', (t) => {
    const strange = blocks.filter(({ kind }) => !KINDS.has(kind))
    assert.deepEqual(strange, [])
    for (const { page, skip, text } of blocks) {
      if (skip !== null) t.diagnostic(`not run: ${page}: ${text.split('\n')[0]}: ${skip}`)
    }
  })

  test('of JSON are JSON, and name options that there are', () => {
    for (const { page, text } of blocks.filter(({ kind }) => kind === 'json')) {
      const json = JSON.parse(text) as Record<string, unknown>
      // A document of the walk-through; an event.
      if ('__op' in json || 'specversion' in json) continue
      const config = (json['config'] ?? json) as Record<string, unknown>
      for (const name of Object.keys(config)) {
        // CloudEvents hand on what begins with the name of a form.
        const own = name.replace(/^(?:key|value|header)\.converter\.(?:(?:json|avro)\.)?/, '')
        const [, ofTransformation] = /^transforms\.\w+\.(.+)$/.exec(name) ?? []
        const isKnown = [name, own, ofTransformation ?? ''].some((one) => options.has(one))
        assert.ok(isKnown || ofTransformation === 'type', `${page} has an option ${name}`)
      }
    }
  })

  test('of properties have names and values', () => {
    for (const { page, text } of blocks.filter(({ kind }) => kind === 'properties')) {
      const lines = text.split('\n').filter((line) => !/^\s*(?:#|$)/.test(line))
      const entries = Object.entries(parseProperties(text))
      assert.equal(entries.length, lines.length, page)
      for (const [name, value] of entries)
        assert.ok(/^[\w.-]+$/.test(name) && value !== '', `${page}: ${name}`)
    }
  })
})
