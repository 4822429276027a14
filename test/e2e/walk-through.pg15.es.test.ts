import { after, before, describe, test } from 'node:test'
import { startElasticsearch, type ElasticsearchServer } from '../servers/elasticsearch.ts'
import { startPostgres, type PostgresServer } from '../servers/postgres.ts'
import { existingTable, tableCreatedLater, TOPIC } from './walk-through.ts'

for (const version of ['8.7.1', '8.10.2'] as const) {
  describe(`the walk-through, on PostgreSQL 15 and Elasticsearch ${version}`, () => {
    let postgres: PostgresServer
    let elasticsearch: ElasticsearchServer
    before(async () => {
      postgres = await startPostgres({ version: 15 })
      elasticsearch = await startElasticsearch({ version })
      // The first index of a JVM takes seconds; what is measured is not the JVM.
      await fetch(`${elasticsearch.url}/warm-up/_doc/1?refresh`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: '{"id":1}',
      })
    })
    after(async () => {
      await elasticsearch?.stop()
      await postgres?.stop()
    })

    test('brings rows that are there and changes that come', () => existingTable(postgres, elasticsearch.url))

    test('picks up a table that is created after its connector', async () => {
      await fetch(`${elasticsearch.url}/${TOPIC}`, { method: 'DELETE' })
      await tableCreatedLater(postgres, elasticsearch.url)
    })
  })
}
