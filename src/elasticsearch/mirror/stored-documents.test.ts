import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ClientRequestOptions } from '../client/client.ts'
import { StoredDocuments } from './stored-documents.ts'

type Loss = 'gone' | 'half' | 'cut'

/** Three documents, found one at a time; each search can be lost once, after its first page. */
class Index {
  readonly ids = new Set(['a', 'b', 'c'])
  readonly searches: string[] = []
  readonly #losses: Loss[]
  #unseen: string[] = []

  constructor(losses: Loss[]) {
    this.#losses = losses
  }

  send(_what: string, { path, method, body }: ClientRequestOptions) {
    if (path.endsWith('/_refresh')) return answer({ _shards: { total: 2, failed: 0 } })
    if (path.startsWith('/_bulk')) {
      const { delete: item } = JSON.parse(String(body)) as { delete: { _id: string } }
      const found = this.ids.delete(item._id)
      return answer({ items: [{ delete: { status: found ? 200 : 404 } }] })
    }
    if (method === 'DELETE') return answer({})
    if (path === '/_search/scroll') {
      const loss = this.#losses.shift()
      if (loss === 'gone') return answer({ error: { type: 'search_phase_execution_exception' } }, 404)
      if (loss === 'half') return answer({ ...this.#page([]), _shards: { total: 2, failed: 1 } })
      const page = answer(this.#page(this.#unseen.splice(0, 1)))
      return loss === 'cut'
        ? page.then(({ status, bytes }) => ({ status, bytes: bytes.subarray(0, -3) }))
        : page
    }
    this.searches.push(path)
    this.#unseen = [...this.ids]
    return answer(this.#page(this.#unseen.splice(0, 1)))
  }

  #page(ids: readonly string[]) {
    const hits = ids.map((id) => ({ _id: id }))
    return { _scroll_id: 's', _shards: { total: 2, failed: 0 }, hits: { hits } }
  }
}

function answer(json: object, status = 200) {
  return Promise.resolve({ status, bytes: Buffer.from(JSON.stringify(json)) })
}

for (const loss of ['gone', 'half', 'cut'] as const) {
  test(`what is left is searched for again when the search is ${loss}`, async () => {
    const index = new Index([loss, loss])
    await new StoredDocuments(index).deleteBefore('t', 5n)
    assert.deepEqual([...index.ids], [])
    assert.equal(index.searches.length, 3)
  })
}

test('an index that is deleted meanwhile has nothing to delete', async () => {
  const send = (_what: string, { path }: ClientRequestOptions) =>
    path.endsWith('/_refresh') ? answer({}) : answer({}, 404)
  await new StoredDocuments({ send }).deleteBefore('t', 5n)
})
