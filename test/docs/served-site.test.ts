import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Credentials } from '../../src/rest/access/credentials.ts'
import { OPEN_ACCESS } from '../../src/rest/access/rest-access.ts'
import { RestClient } from '../../src/rest/testing/rest-client.ts'

before(() => {
  const script = fileURLToPath(new URL('../../scripts/build-docs.ts', import.meta.url))
  const { status, stderr } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', script])
  assert.equal(status, 0, String(stderr))
})

test('the worker serves the documentation with a strict policy, and once as long as it stays the same', async () => {
  await using client = await RestClient.start(60_000)
  const moved = await client.call('GET', '/docs')
  assert.deepEqual([moved.status, moved.headers.location], [308, 'docs/'])
  for (const [path, mediaType, text] of [
    ['/docs/', 'text/html; charset=utf-8', /<h1>Documentation<\/h1>/],
    ['/docs/kafka.html', 'text/html; charset=utf-8', /<h1>On Kafka<\/h1>/],
    ['/docs/reference/postgres-connector.html', 'text/html; charset=utf-8', /id="slot\.name"/],
    ['/docs/site.css', 'text/css; charset=utf-8', /--paper/],
    ['/docs/site.js', 'text/javascript; charset=utf-8', /addEventListener/],
    ['/docs/search.json', 'application/json; charset=utf-8', /"reference\/converters\.html"/],
    ['/docs/how-it-works.svg', 'image/svg+xml', /<svg/],
    ['/docs/console/overview.png', 'image/png', /PNG/],
    ['/docs/files/compose.yaml', 'text/plain; charset=utf-8', /services:/],
  ] as const) {
    const answer = await client.call('GET', path)
    assert.equal(answer.status, 200, path)
    assert.match(answer.text, text)
    const { headers } = answer
    assert.equal(headers['content-type'], mediaType)
    const policy = String(headers['content-security-policy'])
    assert.match(policy, /^default-src 'none'; script-src 'self';/)
    assert.match(policy, /; frame-ancestors 'none';/)
    assert.match(policy, /; require-trusted-types-for 'script'; trusted-types 'none'$/)
    assert.doesNotMatch(policy, /unsafe|https?:/)
    assert.deepEqual(
      [headers['x-content-type-options'], headers['cache-control'], headers['content-encoding']],
      ['nosniff', 'no-cache', undefined],
    )
    const again = await client.call('GET', path, { headers: { 'if-none-match': headers.etag! } })
    assert.deepEqual([again.status, again.text], [304, ''])
  }
  const packed = await client.call('GET', '/docs/kafka.html', { headers: { 'accept-encoding': 'gzip, br' } })
  assert.equal(packed.headers['content-encoding'], 'gzip')
  const strayed = await client.call('GET', '/docs/kafka.html/')
  assert.deepEqual([strayed.status, strayed.headers.location], [308, '../kafka.html'])
  for (const path of ['/docs/nothing.html', '/docs/..%2fpackage.json', '/docs/a/b/c.html']) {
    assert.equal((await client.call('GET', path)).status, 404, path)
  }
})

test('the documentation is behind the login that everything else is behind', async () => {
  const credentials = await Credentials.load(null, null, new Map([['ann', 'secret']]))
  await using client = await RestClient.start(60_000, { ...OPEN_ACCESS, credentials })
  for (const path of ['/docs', '/docs/', '/docs/kafka.html', '/docs/search.json']) {
    const refused = await client.call('GET', path)
    assert.deepEqual([refused.status, refused.headers['www-authenticate']?.slice(0, 5)], [401, 'Basic'], path)
  }
  const headers = { authorization: `Basic ${Buffer.from('ann:secret').toString('base64')}` }
  assert.equal((await client.call('GET', '/docs/kafka.html', { headers })).status, 200)
})
