import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

test('every protection of docs/threat-model.md has the test that it names', () => {
  const rows = [...read('docs/threat-model.md').matchAll(/^\|.*\| `([^`]+\.test\.ts)`:(.*)\|$/gm)]
  assert.ok(rows.length > 30, String(rows.length))
  for (const [, path, name] of rows) {
    const tests = [...read(path!).matchAll(/\b(?:test|it)\(\s*(['"`])(.*?)\1/gs)].map(([, , title]) => title!)
    const wanted = name!.trim()
    // Without a name: all of its tests are about it.
    assert.ok(wanted === '' ? tests.length > 0 : tests.includes(wanted), `${path}: ${wanted}`)
  }
})
