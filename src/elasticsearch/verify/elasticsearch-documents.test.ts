import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { MemoryContext } from '../testing/memory-context.ts'
import { ElasticsearchDocuments } from './elasticsearch-documents.ts'

/** A server that answers all but a refresh with the next of the texts, and the documents that it would have. */
async function documentsAt(texts: string[]) {
  const server = createServer((request, response) => {
    response.end(request.url!.endsWith('/_refresh') ? '{"_shards":{"total":1,"failed":0}}' : texts.shift())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const config = {
    'connection.url': `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    'retry.backoff.ms': '1',
    mode: 'mirror',
  }
  const documents = new ElasticsearchDocuments(config, new MemoryContext())
  return {
    documents,
    async ids(): Promise<string[]> {
      const ids: string[] = []
      await documents.scanIds('t', (id) => ids.push(id))
      return ids
    },
    async [Symbol.asyncDispose]() {
      documents.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function pageWith(...ids: readonly string[]): string {
  const hits = { hits: ids.map((_id) => ({ _id })) }
  return JSON.stringify({ _scroll_id: 's', _shards: { total: 1, failed: 0 }, hits })
}

test('a first page that is cut is asked for again; behind a later one the search is lost', async () => {
  await using whole = await documentsAt([
    pageWith('a').slice(0, 40),
    pageWith('a'),
    pageWith('b'),
    pageWith(),
    '{}',
  ])
  assert.deepEqual(await whole.ids(), ['a', 'b'])
  await using lost = await documentsAt([pageWith('a'), pageWith('b').slice(0, 40), '{}'])
  await assert.rejects(lost.ids(), /Index t is gone, or the search in it took too long: verify again/)
})

test('what answers something else is said to be no Elasticsearch', async () => {
  for (const text of [
    '{}',
    '{"_scroll_id":"s","hits":{}}',
    '{"_scroll_id":"s","hits":{"hits":{}}}',
    '{"hits":{"hits":[]}}',
  ]) {
    await using other = await documentsAt([text, '{}', '{}'])
    await assert.rejects(
      other.ids(),
      /Failed to read index t: what answers with status 200 is no Elasticsearch/,
      text,
    )
  }
  await using other = await documentsAt(['{"docs":null}'])
  await assert.rejects(
    other.documents.read([{ index: 't', id: 'a' }]),
    /Failed to read documents: what answers/,
  )
})
