import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { EngineServer } from '../../../test/servers/engine-server.ts'
import { enginesUnderTest, startEngine } from '../../../test/servers/engines.ts'
import { Decimal } from '../../api/decimal.ts'
import { primitiveSchema, structSchema, type Field } from '../../api/schema.ts'
import { ValueStruct } from '../../api/struct.ts'
import type { ConnectValue } from '../../api/value.ts'
import { recordsBatch, sinkRecord } from '../testing/sink-batches.ts'
import { SinkRun } from '../testing/sink-run.ts'

const TYPED = { 'schema.ignore': 'false', 'mapping.types': 'source' }

const column = (name: string, type: Parameters<typeof primitiveSchema>[0], semantic?: string): Field => ({
  name,
  schema: primitiveSchema(type, { optional: true, ...(semantic !== undefined && { name: semantic }) }),
})
const price: Field = { name: 'price', schema: primitiveSchema('bytes', { optional: true, name: 'org.apache.kafka.connect.data.Decimal', parameters: { scale: '2', 'connect.decimal.precision': '8' } }) } // prettier-ignore
const first = [column('id', 'int64'), column('at', 'int64', 'io.debezium.time.MicroTimestamp'), price, column('doc', 'string', 'io.debezium.data.Json')] // prettier-ignore
const later = [...first, column('day', 'int32', 'io.debezium.time.Date')]

function row(fields: readonly Field[], offset: bigint, values: readonly ConnectValue[]) {
  const schema = structSchema(fields)
  return sinkRecord('typed', offset, { valueSchema: schema, value: new ValueStruct(schema, values) })
}

for (const name of enginesUnderTest('elasticsearch-8.7.1')) {
  describe(`mapping.types=source and ${name}`, () => {
    const isOpenSearch = name.startsWith('opensearch')
    let es: EngineServer
    before(async () => {
      es = await startEngine(name)
    })
    after(() => es.stop())

    test('a mapping has the types of the columns, is searched by them, and grows with the table', async () => {
      await using run = await SinkRun.start(es.url, TYPED)
      await run.put(
        recordsBatch('typed', [
          row(first, 0n, [1n, 1_709_210_096_789_000n, Decimal.parse('12.50'), '{"a":{"b":"x"}}']),
        ]),
      )
      await run.put(recordsBatch('typed', [row(later, 1n, [2n, null, null, '[1]', 19_782])]))
      await run.stored('typed', 2n)
      const { typed } = (await es.rest.json('GET', '/typed/_mapping')) as {
        typed: { mappings: { properties: Record<string, { type: string }> } }
      }
      const types = Object.entries(typed.mappings.properties).map(([name, { type }]) => [name, type])
      assert.deepEqual(Object.fromEntries(types), {
        id: 'long',
        at: 'date',
        // The build of Elasticsearch for tests lacks scaled_float.
        price: isOpenSearch ? 'scaled_float' : 'double',
        doc: isOpenSearch ? 'flat_object' : 'flattened',
        day: 'date',
      })
      await es.rest.json('POST', '/typed/_refresh')
      const found = async (query: object) => {
        const { hits } = (await es.rest.json('POST', '/typed/_search', { query })) as {
          hits: { hits: { _id: string }[] }
        }
        return hits.hits.map(({ _id }) => _id)
      }
      assert.deepEqual(await found({ range: { at: { gte: '2024-02-29T12:00:00', lt: '2024-03-01' } } }), [
        'typed+0+0',
      ])
      assert.deepEqual(await found({ term: { 'doc.a.b': 'x' } }), ['typed+0+0'])
      assert.deepEqual(await found({ range: { price: { gte: 12.5, lte: 12.5 } } }), ['typed+0+0'])
      assert.deepEqual(await found({ term: { day: '2024-02-29' } }), ['typed+0+1'])
    })

    test('a column that changed its type is told, and its documents flow on where they can', async () => {
      await es.rest.json('PUT', '/changed', {
        mappings: { properties: { a: { properties: { b: { type: 'long' } } } } },
      })
      await using run = await SinkRun.start(es.url, TYPED)
      const schema = structSchema([column('x', 'int32'), column('y', 'string')])
      const value = new ValueStruct(schema, [1, 'text'])
      await run.put(recordsBatch('changed', [sinkRecord('changed', 0n, { valueSchema: schema, value })]))
      await run.stored('changed', 1n)
      const { changed } = (await es.rest.json('GET', '/changed/_mapping')) as {
        changed: { mappings: { properties: Record<string, unknown> } }
      }
      assert.deepEqual(Object.keys(changed.mappings.properties).sort(), ['a', 'x', 'y'])
    })
  })
}
