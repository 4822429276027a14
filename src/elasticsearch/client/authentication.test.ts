import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { test } from 'node:test'
import { authenticationHeaders, type SignedParts } from './authentication.ts'
import { clientOptions } from './client-options.ts'
import { elasticsearchOptions } from '../options/elasticsearch-options.ts'

const request: SignedParts = {
  method: 'POST',
  host: 'search-x.eu-central-1.es.amazonaws.com',
  path: '/_bulk?filter_path=errors,items.*.status',
  headers: { 'content-type': 'application/x-ndjson', 'content-length': 3 },
  body: Buffer.from([0xff, 0x00, 0x0a]),
}

async function headersOf(config: Readonly<Record<string, string>>, own: string | null = null) {
  const parsed = elasticsearchOptions.parse({ 'connection.url': 'http://x', ...config })
  const headers = await authenticationHeaders(clientOptions(parsed).authentication)
  return headers(request, own)
}

test('basic authentication is that of the configuration, else that of the address, else none', async () => {
  const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` })
  const login = { 'connection.username': 'u', 'connection.password': 'p' }
  assert.deepEqual(await headersOf(login, 'a:b'), basic('u:p'))
  assert.deepEqual(await headersOf({}, 'a:b'), basic('a:b'))
  assert.deepEqual(await headersOf({}), {})
})

test('API keys go in their encoded form, tokens as they are', async () => {
  const key = (text: string) => headersOf({ 'connection.auth': 'api-key', 'connection.api.key': text })
  assert.deepEqual(await key('aWQ6c2VjcmV0'), { authorization: 'ApiKey aWQ6c2VjcmV0' })
  assert.deepEqual(await key('id:secret'), { authorization: 'ApiKey aWQ6c2VjcmV0' })
  const token = { 'connection.auth': 'bearer', 'connection.bearer.token': 'ey.x' }
  assert.deepEqual(await headersOf(token), { authorization: 'Bearer ey.x' })
})

/** AWS Signature Version 4, as its documentation describes it. */
function signature(headers: Readonly<Record<string, unknown>>, region: string, secret: string): string {
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()
  const hash = (data: string | Buffer) => createHash('sha256').update(data).digest('hex')
  const byName = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]))
  const authorization = byName.get('authorization')!
  const [, names] = /SignedHeaders=([^,]+)/.exec(authorization)!
  const date = byName.get('x-amz-date')!
  const [path, query] = request.path.split('?')
  const canonicalQuery = query!.replaceAll(',', '%2C').replaceAll('*', '%2A')
  const signed = names!.split(';').map((name) => `${name}:${byName.get(name)}\n`)
  const canonical = [request.method, path, canonicalQuery, signed.join(''), names, hash(request.body!)].join(
    '\n',
  )
  const scope = `${date.slice(0, 8)}/${region}/es/aws4_request`
  const text = ['AWS4-HMAC-SHA256', date, scope, hash(canonical)].join('\n')
  const key = scope.split('/').reduce<string | Buffer>((at, part) => hmac(at, part), `AWS4${secret}`)
  return hmac(key, text).toString('hex')
}

for (const region of ['eu-central-1', 'us-east-1']) {
  test(`requests to managed OpenSearch are signed for ${region}, the body with them`, async () => {
    const headers = await headersOf({
      'connection.auth': 'aws-sigv4',
      'connection.aws.access.key.id': 'AKID',
      'connection.aws.secret.access.key': 'secret',
      'connection.aws.session.token': 'session',
      ...(region !== 'eu-central-1' && { 'connection.aws.region': region }),
    })
    const authorization = String(headers['Authorization'] ?? headers['authorization'])
    assert.match(
      authorization,
      new RegExp(`^AWS4-HMAC-SHA256 Credential=AKID/\\d{8}/${region}/es/aws4_request, `),
    )
    assert.equal(/Signature=(\w+)$/.exec(authorization)![1], signature(headers, region, 'secret'))
    assert.equal(headers['X-Amz-Security-Token'], 'session')
  })
}
