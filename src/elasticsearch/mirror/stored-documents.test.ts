import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StoredDocuments } from './stored-documents.ts'

function stored(text: string, status = 200) {
  return new StoredDocuments({ send: () => Promise.resolve({ status, bytes: Buffer.from(text) }) })
}

test('a document is read with its texts as they are, and its version', async () => {
  const text = '{"_index":"t","_id":"a","_version":9223372036854775807,"found":true,"_source":{"n":1.0}}'
  assert.deepEqual(await stored(text).read('t', 'a', null), new Map([['n', '1.0']]))
  assert.equal(await stored(text).version('t', 'a', '"r/1"'), 9223372036854775807n)
})

test('a document that is not there is told apart from an answer that is no document', async () => {
  assert.equal(await stored('{"found":false}', 404).read('t', 'a', null), null)
  for (const text of ['{}', '{"found":false}', '{"_source":{"n":1}}']) {
    const error = {
      code: 'elasticsearch.index-unusable',
      message:
        "Failed to read document 'a' of index t: what answers with status 200 is no Elasticsearch or OpenSearch",
    }
    await assert.rejects(stored(text).read('t', 'a', null), error)
    await assert.rejects(stored(text).version('t', 'a', null), error)
  }
})
