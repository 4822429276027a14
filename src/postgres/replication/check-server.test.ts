import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkServer } from './check-server.ts'

function server(level: string, number: string, version: string): Parameters<typeof checkServer>[0] {
  return { query: () => Promise.resolve([{ level, number, version }]) }
}

test('a server that is too old, or does not write what is needed, is told so', async () => {
  await checkServer(server('logical', '130000', '13.0'))
  await assert.rejects(checkServer(server('logical', '120022', '12.22')), {
    code: 'postgres.version-unsupported',
    message: 'The server is PostgreSQL 12.22; tailrace needs version 13 or later. Upgrade the server.',
  })
  await assert.rejects(checkServer(server('replica', '180000', '18.0')), { code: 'postgres.wal-level' })
})
