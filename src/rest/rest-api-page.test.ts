import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { restEndpoints } from './endpoints/rest-endpoints.ts'
import { Backups } from '../connect/backups.ts'
import { silentLogger } from '../connect/testing/silent-logger.ts'
import { LogLevels } from './log-levels.ts'
import { FakeHerder } from './testing/fake-herder.ts'

test('docs/rest-api.md lists every endpoint, and no other', () => {
  const page = readFileSync(new URL('../../docs/rest-api.md', import.meta.url), 'utf8')
  const listed = [...page.matchAll(/^\| ([A-Z]+) \| `([^`]+)` \|/gm)].map(
    ([, method, path]) => `${method} ${path}`,
  )
  const endpoints = restEndpoints(
    new FakeHerder(),
    new LogLevels({ level: 'info' }),
    { problems: () => [] },
    new Backups(null, silentLogger),
  )
  assert.deepEqual(listed.sort(), endpoints.map(({ method, path }) => `${method} ${path}`).sort())
})
