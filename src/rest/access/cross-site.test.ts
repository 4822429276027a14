import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CrossOrigin } from './cross-origin.ts'
import { RestClient } from '../testing/rest-client.ts'
import { refuseCrossSite } from './cross-site.ts'

const allowing = new CrossOrigin(['https://good.example'], [])

for (const [what, method, headers, isRefused] of [
  ['a program that is no browser', 'POST', {}, false],
  ['the console', 'POST', { 'sec-fetch-site': 'same-origin', origin: 'http://a:1', host: 'b:2' }, false],
  ['the user, by the address bar', 'POST', { 'sec-fetch-site': 'none' }, false],
  ['a form of another site', 'POST', { 'sec-fetch-site': 'cross-site', origin: 'https://bad.example' }, true],
  ['a sandboxed form', 'POST', { 'sec-fetch-site': 'cross-site', origin: 'null' }, true],
  ['another port of the same machine', 'DELETE', { 'sec-fetch-site': 'same-site' }, true],
  ['an allowed page', 'POST', { 'sec-fetch-site': 'cross-site', origin: 'https://good.example' }, false],
  ['who only reads', 'GET', { 'sec-fetch-site': 'cross-site' }, false],
  ['an older browser on the same page', 'PUT', { origin: 'http://worker:8083', host: 'worker:8083' }, false],
  ['an older browser on another page', 'PUT', { origin: 'http://bad.example', host: 'worker:8083' }, true],
] as const) {
  test(`${what} ${isRefused ? 'is refused' : 'passes'}`, () => {
    const check = () => refuseCrossSite({ method, headers }, allowing)
    if (isRefused) assert.throws(check, { status: 403, code: 'rest.cross-site' })
    else check()
  })
}

test('a worker answers a form of another site with 403, before it looks at anything else', async () => {
  await using client = await RestClient.start()
  const config = { 'connector.class': 'FakeSinkConnector', topics: 't' }
  const origin = 'https://bad.example'
  // What newer browsers say, and what older ones do.
  for (const headers of [{ 'sec-fetch-site': 'cross-site', origin }, { origin }]) {
    const answer = await client.call('POST', '/connectors', { json: { name: 'c', config }, headers })
    assert.equal(answer.status, 403, JSON.stringify(headers))
  }
  assert.deepEqual((await client.call('GET', '/connectors')).json, [])
})
