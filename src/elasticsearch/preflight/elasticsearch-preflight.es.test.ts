import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startElasticsearch, type ElasticsearchServer } from '../../../test/servers/elasticsearch.ts'
import type { CapturedTopic, Finding } from '../../api/preflight.ts'
import { elasticsearchPreflight } from './elasticsearch-preflight.ts'

const WATERMARK = 'cluster.routing.allocation.disk.watermark'
const TOPICS: readonly CapturedTopic[] = [
  {
    topic: 'Shop.orders',
    columns: [
      { name: 'id', kind: 'number' },
      { name: 'isPaid', kind: 'boolean' },
      { name: 'note', kind: 'text' },
      { name: 'price', kind: null },
    ],
  },
]

interface Fault {
  readonly plant: readonly (readonly [method: string, path: string, body?: object])[]
  readonly check: string
  readonly level: 'WARN' | 'FAIL'
  readonly message: RegExp
}

const properties = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, { type: 'long' }]))

const FAULTS: Readonly<Record<string, Fault>> = {
  'an index that takes no documents': {
    plant: [['PUT', '/shop.orders', { settings: { 'index.blocks.write': true } }]],
    check: 'index shop.orders',
    level: 'FAIL',
    message: /index\.blocks\.write is true/,
  },
  'an index that a full disk has blocked': {
    plant: [
      ['PUT', '/shop.orders'],
      ['PUT', '/shop.orders/_settings', { 'index.blocks.read_only_allow_delete': true }],
    ],
    check: 'index shop.orders',
    level: 'FAIL',
    message: /read_only_allow_delete is true/,
  },
  'a strict mapping without a column': {
    plant: [
      ['PUT', '/shop.orders', { mappings: { dynamic: 'strict', properties: { id: { type: 'long' } } } }],
    ],
    check: 'index shop.orders',
    level: 'FAIL',
    message: /no field for: isPaid, note, price/,
  },
  'an index that is nearly out of fields': {
    plant: [
      [
        'PUT',
        '/shop.orders',
        { settings: { 'index.mapping.total_fields.limit': 10 }, mappings: { properties: properties(9) } },
      ],
    ],
    check: 'index shop.orders',
    level: 'WARN',
    message: /9 of at most 10 fields/,
  },
  'a number whose field is an object': {
    plant: [
      ['PUT', '/shop.orders', { mappings: { properties: { id: { properties: { a: { type: 'long' } } } } } }],
    ],
    check: 'index shop.orders',
    level: 'FAIL',
    message: /the column id is a number, and its field is mapped as object/,
  },
  'a boolean whose field is a date': {
    plant: [['PUT', '/shop.orders', { mappings: { properties: { isPaid: { type: 'date' } } } }]],
    check: 'index shop.orders',
    level: 'FAIL',
    message: /the column isPaid is a boolean, and its field is mapped as date/,
  },
  'a cluster that is read-only': {
    plant: [['PUT', '/_cluster/settings', { persistent: { 'cluster.blocks.read_only_allow_delete': true } }]],
    check: 'cluster block',
    level: 'FAIL',
    message: /cluster\.blocks\.read_only_allow_delete is true/,
  },
  'a disk beyond its watermark': {
    plant: [
      [
        'PUT',
        '/_cluster/settings',
        {
          transient: {
            [`${WATERMARK}.low`]: '1%',
            [`${WATERMARK}.high`]: '2%',
            [`${WATERMARK}.flood_stage`]: '99.9%',
          },
        },
      ],
    ],
    check: 'disk',
    level: 'WARN',
    message: /beyond high \(2%\)/,
  },
}

describe('the preflight of Elasticsearch', () => {
  let elasticsearch: ElasticsearchServer
  before(async () => {
    elasticsearch = await startElasticsearch({ version: '8.10.2' })
  })
  after(() => elasticsearch?.stop())

  const look = async (options: Readonly<Record<string, string>> = {}): Promise<readonly Finding[]> => {
    const config = { topics: 'Shop.orders', 'connection.url': elasticsearch.url, ...options }
    const context = { signal: AbortSignal.timeout(60_000), topics: TOPICS }
    return (await elasticsearchPreflight(config, context)).findings
  }
  const send = async (method: string, path: string, body?: object | string): Promise<void> => {
    const answer = await fetch(elasticsearch.url + path, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    assert.ok(answer.ok, await answer.text())
  }

  test('finds nothing where nothing is wrong', async () => {
    const findings = await look()
    assert.deepEqual(
      findings.filter(({ level }) => level !== 'OK'),
      [],
    )
    assert.match(
      findings.map(({ message }) => message).join('\n'),
      / answers.*the cluster is green.*the sink creates the index/s,
    )
  })

  for (const [what, { plant, check, level, message }] of Object.entries(FAULTS)) {
    test(`names ${what}, and its remedy mends it`, async () => {
      for (const request of plant) await send(...request)
      try {
        const found = (await look()).find((one) => one.check === check && one.level !== 'OK')
        assert.ok(found, `no finding about ${check}`)
        assert.equal(found.level, level)
        assert.match(found.message, message)
        const { where, apply } = found.remedy!
        const options: Record<string, string> = {}
        if (where === 'connector') options['index.name.format'] = apply.replace('index.name.format=', '')
        else {
          const [, method, path, body] = /^(\w+) (\S+) (.+)$/.exec(apply)!
          await send(method!, path!, body)
        }
        const left = (await look(options)).filter((one) => one.level !== 'OK')
        assert.deepEqual(left, [])
      } finally {
        const none = { 'cluster.blocks.read_only_allow_delete': null, [`${WATERMARK}.*`]: null }
        await send('PUT', '/_cluster/settings', { persistent: none, transient: none })
        await fetch(`${elasticsearch.url}/shop.orders`, { method: 'DELETE' })
      }
    })
  }

  test('a server that does not answer is one finding', async () => {
    const [finding, ...others] = await look({ 'connection.url': 'http://127.0.0.1:1' })
    assert.deepEqual(others, [])
    assert.equal(finding!.level, 'FAIL')
    assert.match(finding!.remedy!.apply, /Start Elasticsearch or OpenSearch at .*127\.0\.0\.1:1/)
  })
})
