import { after, describe, it } from 'node:test'
import { startPostgres } from '../servers/postgres.ts'
import { startSearch } from '../servers/search.ts'
import { killDuringSnapshot, killDuringStreaming } from './kill-worker.ts'

describe('a worker killed with -9, on PostgreSQL 18 and the embedded search node', async () => {
  const postgres = await startPostgres()
  const search = await startSearch()
  after(async () => {
    await search.stop()
    await postgres.stop()
  })

  it('loses no row of a snapshot', () => killDuringSnapshot(postgres, search.url))
  it('loses no change while streaming', () => killDuringStreaming(postgres, search.url))
})
