import { after, before, beforeEach, describe, test } from 'node:test'
import { startPostgres, type PostgresServer } from '../servers/postgres.ts'
import { startSearch, type SearchServer } from '../servers/search.ts'
import { existingTable, tableCreatedLater } from './walk-through.ts'

describe('the walk-through, on PostgreSQL 18 and the embedded search node', () => {
  let postgres: PostgresServer
  let search: SearchServer
  before(async () => void (postgres = await startPostgres()))
  after(() => postgres.stop())
  beforeEach(async () => {
    search = await startSearch()
  })

  test('brings rows that are there and changes that come', async () => {
    await using _ = search
    await existingTable(postgres, search.url)
  })

  test('picks up a table that is created after its connector', async () => {
    await using _ = search
    await tableCreatedLater(postgres, search.url)
  })
})
