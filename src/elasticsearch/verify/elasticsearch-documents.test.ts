import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { MemoryContext } from '../testing/memory-context.ts'
import { ElasticsearchDocuments } from './elasticsearch-documents.ts'

const LOST = null

/**
 * A server that answers all but a refresh and the end of a search with the next of the texts, and the documents that it
 * would have. It ends the connection where an answer is lost.
 */
async function documentsAt(texts: (string | typeof LOST)[]) {
  let searches = 0
  const server = createServer((request, response) => {
    if (request.url!.endsWith('/_refresh')) response.end('{"_shards":{"total":1,"failed":0}}')
    else if (request.method === 'DELETE') response.end('{}')
    else {
      if (request.url!.includes('/_search?')) searches++
      const text = texts.shift() ?? LOST
      if (text === LOST) request.socket.resetAndDestroy()
      else response.end(text)
    }
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
    /** How often a search was begun. */
    searches: () => searches,
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

test('behind a page that is lost the index is read again from its start', async () => {
  for (const lost of [
    LOST,
    pageWith('b').slice(0, 40),
    '{"_scroll_id":"s","_shards":{"total":2,"failed":1}}',
  ]) {
    await using documents = await documentsAt([
      pageWith('a').slice(0, 40),
      pageWith('a'),
      lost,
      pageWith('a'),
      pageWith('b'),
      pageWith(),
    ])
    assert.deepEqual(await documents.ids(), ['a', 'a', 'b'])
    // The first answer of all can be asked for again by itself.
    assert.equal(documents.searches(), 3)
  }
})

test('an index that cannot be read from one end to the other is named, with the reason', async () => {
  await using documents = await documentsAt(Array.from({ length: 6 }, () => [pageWith('a'), LOST]).flat())
  await assert.rejects(documents.ids(), {
    code: 'elasticsearch.retries-exhausted',
    message: /^Failed to read index t due to 'No answer from Elasticsearch at .* after 6 attempt\(s\)$/,
  })
})

test('what answers something else is said to be no Elasticsearch', async () => {
  for (const text of [
    '{}',
    '{"_scroll_id":"s","hits":{}}',
    '{"_scroll_id":"s","hits":{"hits":{}}}',
    '{"hits":{"hits":[]}}',
  ]) {
    await using other = await documentsAt([text])
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
