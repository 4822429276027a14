import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { canaryPassword } from '../../test/servers/canary.ts'
import { TestAuthority } from '../../test/servers/certificates.ts'
import { startElasticsearch, type ElasticsearchServer } from '../../test/servers/elasticsearch.ts'
import { bearerToken } from '../../test/servers/elasticsearch-security.ts'
import { enginesUnderTest } from '../../test/servers/engines.ts'
import { describeError } from '../api/errors.ts'
import { elasticsearchSinkConnector } from './connector.ts'
import { elasticsearchPreflight } from './preflight/elasticsearch-preflight.ts'
import { documentsOf } from './testing/engine-documents.ts'
import { jsonBatch } from './testing/sink-batches.ts'
import { SinkRun } from './testing/sink-run.ts'

const ACCOUNT = 'elastic/enterprise-search-server/sink'
const SECRET = canaryPassword('service-account')
/** With what has a meaning in addresses, headers and JSON. */
const WRITER = canaryPassword('p:ä"ss')

for (const name of enginesUnderTest('elasticsearch-8.19.21', 'elasticsearch')) {
  const version = name.replace('elasticsearch-', '') as ElasticsearchServer['version']
  describe(`the sink and a secured Elasticsearch ${version}`, () => {
    let authority: TestAuthority
    let es: ElasticsearchServer
    let trusted: Record<string, string>
    before(async () => {
      authority = new TestAuthority()
      const security = {
        user: 'admin',
        password: canaryPassword('admin'),
        identity: authority.issue('elasticsearch'),
        authority: authority.pem,
        users: [{ name: 'writer', password: WRITER, role: 'writer' }],
        roles: {
          writer: {
            // So that not even `GET /` is allowed.
            cluster: [],
            indices: [{ names: ['mine-*'], privileges: ['view_index_metadata', 'create_index', 'write'] }],
          },
        },
        serviceTokens: { [ACCOUNT]: SECRET },
      }
      es = await startElasticsearch({ version, security })
      trusted = { 'elastic.https.ssl.truststore.location': authority.certificate, 'elastic.https.ssl.truststore.type': 'PEM', 'elastic.security.protocol': 'SSL' } // prettier-ignore
    })
    after(async () => {
      await es.stop()
      authority[Symbol.dispose]()
    })

    const writer = { 'connection.username': 'writer', 'connection.password': WRITER }
    const complaints = async (config: Record<string, string>) => {
      const whole = { 'connection.url': es.url, 'key.ignore': 'true', 'schema.ignore': 'true', topics: 't', ...config } // prettier-ignore
      const found = await elasticsearchSinkConnector.validate!(whole, new AbortController().signal)
      return found.map(({ option, message }) => `${option}: ${message}`)
    }

    test('a user with the rights on one index alone writes it, over TLS of a private authority', async () => {
      const config = { ...trusted, ...writer }
      assert.deepEqual(await complaints(config), [])
      await using run = await SinkRun.start(es.url, config)
      await run.put(jsonBatch('mine-a', [{ value: '{"n":1}' }]))
      await run.stored('mine-a', 1n)
      assert.deepEqual(await documentsOf(es, 'mine-a'), { 'mine-a+0+0': [1, { n: 1 }] })
    })

    // Only the accounts of version 8 have one that may look at the indices that it writes.
    if (version.startsWith('8.')) {
      test('a token of a service account writes, too', async () => {
        const token = bearerToken(ACCOUNT, SECRET)
        const config = { ...trusted, 'connection.auth': 'bearer', 'connection.bearer.token': token }
        assert.deepEqual(await complaints(config), [])
        await using run = await SinkRun.start(es.url, config)
        await run.put(jsonBatch('search-b', [{ value: '{"n":2}' }]))
        await run.stored('search-b', 1n)
        assert.deepEqual(await documentsOf(es, 'search-b'), { 'search-b+0+0': [1, { n: 2 }] })
      })
    }

    for (const form of ['encoded', 'id:key'] as const) {
      test(`an API key with the rights on one index alone, ${form}, writes it; not another, and not once it is invalidated`, async () => {
        const made = (await es.rest.json('POST', '/_security/api_key', {
          name: form,
          role_descriptors: {
            writer: {
              cluster: [],
              index: [{ names: ['keyed-*'], privileges: ['view_index_metadata', 'create_index', 'write'] }],
            },
          },
        })) as { readonly id: string; readonly api_key: string }
        const text = `${made.id}:${made.api_key}`
        const key = form === 'id:key' ? text : Buffer.from(text).toString('base64')
        const config = { ...trusted, 'connection.auth': 'api-key', 'connection.api.key': key }
        assert.deepEqual(await complaints(config), [])
        const topic = `keyed-${form === 'id:key' ? 'a' : 'b'}`
        await using run = await SinkRun.start(es.url, config)
        await run.put(jsonBatch(topic, [{ value: '{"n":3}' }]))
        await run.stored(topic, 1n)
        assert.deepEqual(await documentsOf(es, topic), { [`${topic}+0+0`]: [1, { n: 3 }] })
        await using elsewhere = await SinkRun.start(es.url, config)
        await assert.rejects(
          elsewhere.put(jsonBatch('theirs', [{ value: '{"n":1}' }])),
          /index theirs .*403.*view_index_metadata, create_index and write/,
        )
        await es.rest.json('DELETE', '/_security/api_key', { ids: [made.id] })
        await using late = await SinkRun.start(es.url, config)
        await assert.rejects(late.put(jsonBatch(topic, [{ value: '{"n":4}' }])), /401/)
      })
    }

    test('an index that the user may not write fails the task, and names index and rights', async () => {
      await using run = await SinkRun.start(es.url, { ...trusted, ...writer })
      await assert.rejects(
        run.put(jsonBatch('theirs', [{ value: '{"n":1}' }])),
        /index theirs .*403.*view_index_metadata, create_index and write/,
      )
      assert.equal(await run.committable('theirs', 1n), 0n)
    })

    test('the preflight is content with the least rights that write, names what is missing, and its requests grant it', async () => {
      const look = async (who: Readonly<Record<string, string>>) => {
        const config = {
          'connection.url': es.url,
          topics: 'mine-e',
          'schema.ignore': 'true',
          ...trusted,
          ...who,
        }
        const context = { signal: AbortSignal.timeout(60_000), topics: [] }
        const { findings } = await elasticsearchPreflight(config, context)
        return findings.filter(({ check }) => check.startsWith('rights'))
      }
      assert.deepEqual(
        (await look(writer)).map(({ level }) => level),
        ['OK'],
      )
      await es.rest.json('PUT', '/_security/role/looker', { cluster: ['monitor'] })
      await es.rest.json('PUT', '/_security/user/reader', { password: SECRET, roles: ['looker'] })
      const reader = { 'connection.username': 'reader', 'connection.password': SECRET }
      const [lacking] = await look(reader)
      assert.equal(lacking!.message, 'reader has no view_index_metadata, create_index, write on mine-e')
      for (const request of lacking!.remedy!.apply.split('\n')) {
        const [, method, path, body] = /^(\w+) (\S+) (.+)$/.exec(request)!
        await es.rest.json(method!, path!, JSON.parse(body!) as object)
      }
      assert.deepEqual(
        (await look(reader)).map(({ level }) => level),
        ['OK'],
      )
      const { reader: granted } = (await es.rest.json('GET', '/_security/user/reader')) as {
        readonly reader: { readonly roles: readonly string[] }
      }
      assert.deepEqual(granted.roles.toSorted(), ['looker', 'tailrace'])
      const [ofKey] = await look({
        'connection.auth': 'bearer',
        'connection.bearer.token': bearerToken(ACCOUNT, SECRET),
      })
      assert.match(ofKey!.remedy!.apply, /^Make an API key with these role_descriptors: \{"tailrace":/)
    })

    for (const [what, wrong] of [
      ['password', { 'connection.username': 'writer', 'connection.password': 'no' }],
      ['API key', { 'connection.auth': 'api-key', 'connection.api.key': 'id:no' }],
      ['token', { 'connection.auth': 'bearer', 'connection.bearer.token': bearerToken(ACCOUNT, 'no') }],
    ] as const) {
      test(`a wrong ${what} is found when the connector is posted, and fails a task that has it`, async () => {
        const config = { ...trusted, ...wrong }
        const option = Object.keys(wrong).at(-1)!
        assert.ok((await complaints(config)).some((complaint) => complaint.startsWith(`${option}: `)))
        await using run = await SinkRun.start(es.url, config)
        await assert.rejects(run.put(jsonBatch('mine-c', [{ value: '{"n":1}' }])), /index mine-c .*401/)
      })
    }

    test('a server whose authority is unknown gets no document, and the reason is told', async () => {
      using stranger = new TestAuthority()
      const place = join(authority.place, 'stranger.crt')
      writeFileSync(place, stranger.pem)
      const config = { ...trusted, ...writer, 'elastic.https.ssl.truststore.location': place }
      assert.match((await complaints(config)).join(), /certificate/)
      await using run = await SinkRun.start(es.url, { ...config, 'max.retries': '1' })
      const failure = await run
        .put(jsonBatch('mine-d', [{ value: '{"n":1}' }]))
        .then(() => null, describeError)
      assert.match(failure!, /certificate/)
    })
  })
}
