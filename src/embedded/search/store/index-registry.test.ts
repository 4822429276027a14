import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { BulkExecutor } from '../documents/bulk.ts'
import { DocumentWriter } from '../documents/document-writer.ts'
import { Database } from './database.ts'
import { IndexRegistry } from './index-registry.ts'

test('on a full disk a bulk is refused to be tried again, and leaves nothing behind', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'tailrace-search-'))
  const database = new Database(dataDir)
  try {
    const registry = new IndexRegistry(database.connection, Date.now)
    const executor = new BulkExecutor(registry, new DocumentWriter(registry, Date.now))
    const bulk = (count: number, index: string) =>
      executor.execute(
        Array.from({ length: count }, (_, i) => ({
          index,
          requireAlias: false,
          operation: {
            kind: 'index' as const,
            id: `${index}-${i}`,
            source: JSON.stringify({ text: `${index} ${'long '.repeat(50)}`, [index]: i }),
            versionType: 'internal' as const,
          },
        })),
        { isRefreshForced: false, requireAlias: false },
      )
    bulk(10, 'first')
    const pages = Number(database.connection.prepare('PRAGMA page_count').get()?.['page_count'])
    database.connection.exec(`PRAGMA max_page_count = ${pages + 20}`)
    const full = {
      status: 429,
      type: 'cluster_block_exception',
      message: /disk of the embedded search node is full/,
    }
    assert.throws(() => bulk(5_000, 'first'), full)
    assert.throws(() => bulk(5_000, 'second'), full)
    assert.equal(registry.find('first')?.counters.documents, 10)
    assert.equal(registry.find('first')?.counters.nextSeqNo, 10)
    assert.equal(registry.find('second'), undefined, 'the index it would have made')
    database.connection.exec('PRAGMA max_page_count = 100000')
    assert.equal(bulk(5_000, 'second').hasErrors, false)
    assert.equal(registry.find('second')?.counters.documents, 5_000)
  } finally {
    database.close()
    await rm(dataDir, { recursive: true, force: true })
  }
})
