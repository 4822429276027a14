import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Answer, ClientRequestOptions } from '../client/client.ts'
import { RetriableError } from '../../api/errors.ts'
import { PatientRequests } from '../client/patient-requests.ts'
import { MemoryContext } from '../testing/memory-context.ts'
import { OlderDocuments } from './older-documents.ts'

type Loss = 'gone' | 'half' | 'cut' | 'unheard' | 'refused'
interface Refusal {
  readonly status: number
  readonly error: { readonly type: string; readonly reason: string }
}

/** Five documents, found two at a time. Later pages can be lost, and the search is beyond them; deletions can be refused. */
class Index {
  readonly ids = new Set(['a', 'b', 'c', 'd', 'e'])
  readonly losses: Loss[] = []
  readonly refusals: Refusal[] = []
  searches = 0
  /** Somebody else answers a search's pages. */
  isReplaced = false
  /** What the task says that it waits for. */
  readonly waitedFor: (string | null)[] = []
  readonly #requests = requestsTo(
    (options) => this.#answer(options),
    (reason) => this.waitedFor.push(reason),
  )
  #unseen: string[] = []

  empty(): Promise<void> {
    return new OlderDocuments(this.#requests).deleteUpTo('t', 5n)
  }

  #answer({ path, method, body }: ClientRequestOptions) {
    if (path.endsWith('/_refresh')) return answer({ _shards: { total: 2, failed: 0 } })
    if (path.startsWith('/_bulk')) return answer({ errors: true, items: this.#delete(String(body)) })
    if (method === 'DELETE') return answer({})
    if (path === '/_search/scroll') {
      return withLoss(this.losses.shift(), this.#page(this.#unseen.splice(0, 2)))
    }
    this.searches++
    this.#unseen = [...this.ids]
    return answer(this.isReplaced ? {} : this.#page(this.#unseen.splice(0, 2)))
  }

  #delete(lines: string): { readonly delete: object }[] {
    return lines
      .trim()
      .split('\n')
      .map((line) => {
        const { _id: id } = (JSON.parse(line) as { delete: { _id: string } }).delete
        const refusal = id === 'b' ? this.refusals.shift() : undefined
        return { delete: refusal ?? { status: this.ids.delete(id) ? 200 : 404 } }
      })
  }

  #page(ids: readonly string[]) {
    const hits = ids.map((id) => ({ _id: id }))
    return { _scroll_id: 's', _shards: { total: 2, failed: 0 }, hits: { hits } }
  }
}

function withLoss(loss: Loss | undefined, page: object): Promise<Answer> {
  switch (loss) {
    case 'gone':
      return answer({ error: { type: 'search_phase_execution_exception' } }, 404)
    case 'half':
      return answer({ ...page, _shards: { total: 2, failed: 1 } })
    case 'cut':
      return Promise.resolve({ status: 200, bytes: Buffer.from(JSON.stringify(page)).subarray(0, -3) })
    case 'unheard':
      return Promise.reject(new RetriableError('elasticsearch.unreachable', 'No answer'))
    case 'refused':
      return answer({ error: { type: 'circuit_breaking_exception', reason: 'Data too large' } }, 429)
    case undefined:
      return answer(page)
  }
}

function requestsTo(
  request: (options: ClientRequestOptions) => Promise<Answer>,
  waiting: (reason: string | null) => void = () => assert.fail('nothing is to be waited for'),
) {
  const { log, signal } = new MemoryContext()
  const context = { log, signal, waiting }
  return new PatientRequests(
    { request },
    { retryBackoffMs: 1, maxRetries: null },
    { context, random: () => 0 },
  )
}

function answer(json: object, status = 200) {
  return Promise.resolve({ status, bytes: Buffer.from(JSON.stringify(json)) })
}

for (const loss of ['gone', 'half', 'cut', 'unheard', 'refused'] as const) {
  test(`what is left is searched for again when a page is ${loss}`, async () => {
    const index = new Index()
    index.losses.push(loss, loss)
    await index.empty()
    assert.deepEqual([...index.ids], [])
    assert.equal(index.searches, 3)
    assert.equal(index.waitedFor.at(-1), null)
  })
}

test('an index that is deleted meanwhile has nothing to delete', async () => {
  const requests = requestsTo(({ path }) => (path.endsWith('/_refresh') ? answer({}) : answer({}, 404)))
  await new OlderDocuments(requests).deleteUpTo('t', 5n)
  const index = new Index()
  index.refusals.push({ status: 404, error: { type: 'index_not_found_exception', reason: 'no such index' } })
  await index.empty()
  assert.deepEqual([...index.ids], ['b'])
})

test('an index that takes no deletion now is waited for, and the task says why', async () => {
  const index = new Index()
  const reason = 'index [t] blocked by: [FORBIDDEN/8/index write (api)]'
  const refusal = { status: 403, error: { type: 'cluster_block_exception', reason } }
  index.refusals.push(refusal, refusal, refusal)
  await index.empty()
  assert.deepEqual([...index.ids], [])
  assert.equal(index.waitedFor.length, 4)
  assert.match(index.waitedFor[0]!, /cluster_block_exception, reason=index \[t\] blocked/)
  assert.equal(index.waitedFor.at(-1), null)
})

test('a newer document stays; a deletion that is refused for good is named', async () => {
  const index = new Index()
  const conflict = { type: 'version_conflict_engine_exception', reason: 'current version [6] is higher' }
  index.refusals.push({ status: 409, error: conflict })
  await index.empty()
  assert.deepEqual([...index.ids], ['b'])
  const error = { type: 'security_exception', reason: 'action is unauthorized' }
  index.refusals.push({ status: 403, error })
  await assert.rejects(index.empty(), {
    code: 'elasticsearch.index-unusable',
    message: /^Failed to delete documents of index t due to '.*type=security_exception, reason=action is/,
  })
})

test('somebody who answers in the place of Elasticsearch is named', async () => {
  const index = new Index()
  index.isReplaced = true
  await assert.rejects(index.empty(), {
    code: 'elasticsearch.index-unusable',
    message: 'Failed to read index t: what answers with status 200 is no Elasticsearch or OpenSearch',
  })
})
