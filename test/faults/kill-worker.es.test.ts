import { after, describe, it } from 'node:test'
import { startElasticsearch } from '../servers/elasticsearch.ts'
import { startPostgres } from '../servers/postgres.ts'
import { killDuringSnapshot, killDuringStreaming } from './kill-worker.ts'

describe('a worker killed with -9, on PostgreSQL 18 and Elasticsearch 8.7.1', async () => {
  const postgres = await startPostgres()
  const elasticsearch = await startElasticsearch({ version: '8.7.1' })
  after(async () => {
    await elasticsearch.stop()
    await postgres.stop()
  })

  it('loses no row of a snapshot', () => killDuringSnapshot(postgres, elasticsearch.url))
  it('loses no change while streaming', () => killDuringStreaming(postgres, elasticsearch.url))
})
