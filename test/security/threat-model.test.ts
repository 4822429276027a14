import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { PROTECTIONS } from './protections.ts'
import { readThreats } from './threat-model.ts'

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const threats = readThreats()

test('every protection of docs/threat-model.md has the test that it names', () => {
  assert.ok(threats.length > 50, String(threats.length))
  for (const { testFile, testName } of threats) {
    const tests = [...read(testFile).matchAll(/\b(?:test|it)\(\s*(['"`])(.*?)\1/gs)].map(
      ([, , title]) => title!,
    )
    assert.ok(tests.includes(testName), `${testFile}: ${testName}`)
  }
  const rows = [...read('docs/threat-model.md').matchAll(/^\|.*\.test\.ts/gm)]
  assert.equal(rows.length, threats.length, 'a row cannot be read')
})

test('npm run threats takes every protection of docs/threat-model.md out, and no other', () => {
  const known = threats.map(({ threat }) => threat)
  assert.equal(new Set(known).size, known.length, 'two rows say the same')
  const taken = new Set(PROTECTIONS.map(({ threat }) => threat))
  assert.deepEqual([...taken].toSorted(), known.toSorted())
  const named = PROTECTIONS.map(({ threat, without }) => `${threat}: ${without}`)
  assert.equal(new Set(named).size, named.length)
})

test('what npm run threats takes out stands once in its file', () => {
  for (const { threat, without, changes } of PROTECTIONS) {
    assert.ok(changes.length > 0)
    for (const { file, text, instead } of changes) {
      assert.equal(read(file).split(text).length, 2, `${threat} (${without}): ${file}: ${text}`)
      assert.notEqual(text, instead)
    }
  }
})
