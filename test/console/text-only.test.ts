import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const ui = fileURLToPath(new URL('../../ui', import.meta.url))
/** All the ways from text to HTML or to code; what is written in any other is text, whatever it looks like. */
const WAYS =
  /dangerouslySetInnerHTML|\b(?:inner|outer)HTML\b|insertAdjacentHTML|createContextualFragment|setHTMLUnsafe|parseFromString|srcdoc|document\.write|\beval\(|new Function\(|javascript:/i

test('nothing of the console or the documentation makes HTML or code of text', () => {
  const files = globSync('**/*.{ts,tsx,html}', { cwd: ui, exclude: ['node_modules/**'] })
  assert.ok(files.length > 50, String(files.length))
  for (const file of files) assert.doesNotMatch(readFileSync(`${ui}/${file}`, 'utf8'), WAYS, file)
})
