import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isStreamParameters, parseStreamParameters } from './stream-parameters.ts'

test('stream parameters are names and values, with or without blanks', () => {
  assert.deepEqual(parseStreamParameters('origin=none; messages = true ;x'), [
    ['origin', 'none'],
    ['messages', 'true'],
    ['x', ''],
  ])
})

test('what would make the stream unreadable, or another one, is refused', () => {
  for (const good of ['', 'origin=none', 'proto_version=1', 'streaming=off;binary=false', 'unknown=1'])
    assert.equal(isStreamParameters(good, {}), null)
  for (const bad of [
    'proto_version=2',
    'publication_names=p',
    'binary',
    'binary=true',
    'streaming=on',
    'two_phase=1',
  ])
    assert.match(isStreamParameters(bad, {})!, new RegExp(`^${bad}=?.* cannot be set`))
})
