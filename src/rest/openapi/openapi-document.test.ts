import assert from 'node:assert/strict'
import { test } from 'node:test'
import { restEndpoints } from '../endpoints/rest-endpoints.ts'
import { Backups } from '../../connect/backups.ts'
import { silentLogger } from '../../connect/testing/silent-logger.ts'
import { LogLevels } from '../log-levels.ts'
import { FakeHerder } from '../testing/fake-herder.ts'
import { RestClient } from '../testing/rest-client.ts'
import { endpointDescriptions } from './endpoint-descriptions.ts'

test('every endpoint is described, and no other', () => {
  const endpoints = restEndpoints(
    new FakeHerder(),
    new LogLevels({ level: 'info' }),
    { problems: () => [] },
    new Backups(null, silentLogger),
  )
  const names = endpoints.map(({ method, path }) => `${method} ${path}`)
  assert.deepEqual(Object.keys(endpointDescriptions).sort(), names.sort())
})

test('the description is OpenAPI 3.1, and everything that it refers to is there', async () => {
  await using client = await RestClient.start()
  const { status, json, text } = await client.call('GET', '/openapi.json')
  assert.equal(status, 200)
  const document = json as {
    openapi: string
    paths: Record<string, Record<string, { operationId: string; parameters: { name: string; in: string }[] }>>
    components: { schemas: Record<string, unknown> }
  }
  assert.equal(document.openapi, '3.1.0')
  for (const [, name] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
    assert.ok(Object.hasOwn(document.components.schemas, name!), name)
  }
  const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods))
  assert.equal(new Set(operations.map(({ operationId }) => operationId)).size, operations.length)
  assert.deepEqual(
    document.paths['/connectors/{connector}/tasks/{task}/status']?.['get']?.parameters.map(
      ({ name }) => name,
    ),
    ['connector', 'task'],
  )
})

test('the page names every path, and takes nothing from elsewhere', async () => {
  await using client = await RestClient.start()
  const { headers, text } = await client.call('GET', '/openapi', { headers: { accept: 'text/html' } })
  assert.equal(headers['content-type'], 'text/html; charset=utf-8')
  assert.match(headers['content-security-policy'] as string, /^default-src 'none'; style-src 'unsafe-inline'/)
  for (const name of Object.keys(endpointDescriptions)) assert.ok(text.includes(name.split(' ')[1]!), name)
  assert.doesNotMatch(text, /https?:\/\/|<script|@import/)
  const refused = await client.call('GET', '/openapi', { headers: { accept: 'application/json' } })
  assert.equal(refused.status, 406)
})
