import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryContext } from '../testing/memory-context.ts'
import { ConnectError, RetriableError } from '../../api/errors.ts'
import type { Answer, ClientRequestOptions } from './client.ts'
import { failedShards } from './failed-shards.ts'
import { PatientRequests } from './patient-requests.ts'

const WHOLE = '{"_shards":{"total":1,"failed":0},"hits":{"hits":[{"_id":"a\\"\u00e9"}]}}'

type Told = string | Buffer | Error | { readonly status: number; readonly text: string }

interface Wishes {
  readonly maxRetries?: number | null
  readonly asked?: ClientRequestOptions[]
}

/** Answers one after the other, with status 200 where nothing else is said. */
function requestsTo(told: Told[], { maxRetries = null, asked = [] }: Wishes = {}) {
  const request = (options: ClientRequestOptions): Promise<Answer> => {
    asked.push(options)
    const next = told.shift() ?? assert.fail('asked too often')
    if (next instanceof Error) return Promise.reject(next)
    const { status, text } = typeof next === 'object' && 'text' in next ? next : { status: 200, text: next }
    return Promise.resolve({ status, bytes: Buffer.from(text) })
  }
  const options = { retryBackoffMs: 1, maxRetries }
  return new PatientRequests({ request }, options, { context: new MemoryContext(), random: () => 0 })
}

test('an answer that is cut anywhere, or comes from somebody else, is asked for again', async () => {
  const bytes = Buffer.from(WHOLE)
  const cuts = Array.from({ length: bytes.length }, (_, length) => bytes.subarray(0, length))
  const requests = requestsTo([...cuts, '<html>Sign in</html>', 'null', WHOLE])
  const { bytes: got } = await requests.send('search', { method: 'POST', path: '/t/_search' }, failedShards)
  assert.equal(got.toString(), WHOLE)
  const others = requestsTo([...cuts, WHOLE])
  const answer = await others.send('read', { method: 'GET', path: '/t/_doc/a' })
  assert.equal(answer.bytes.toString(), WHOLE)
})

test('a failure that is cut is asked for again; one without JSON is taken by its status', async () => {
  const failure = {
    status: 400,
    text: '{"error":{"type":"resource_already_exists_exception","reason":"it is there"}}',
  }
  for (const length of [1, 20, failure.text.length - 1]) {
    const requests = requestsTo([{ ...failure, text: failure.text.slice(0, length) }, failure])
    const { bytes } = await requests.send('create', { method: 'PUT', path: '/t' })
    assert.equal(bytes.toString(), failure.text)
  }
  for (const text of ['', '<html>Forbidden</html>']) {
    const { status } = await requestsTo([{ status: 403, text }]).send('create', { method: 'PUT', path: '/t' })
    assert.equal(status, 403)
  }
})

test('what has no text is taken as it is', async () => {
  const { status } = await requestsTo(['']).send('look', { method: 'HEAD', path: '/t' })
  assert.equal(status, 200)
})

const NEXT_PAGE = { method: 'POST', path: '/_search/scroll' } as const

for (const [loss, told, reason] of [
  ['that never came', new RetriableError('elasticsearch.unreachable', 'No answer'), /^No answer$/],
  ['that is cut', WHOLE.slice(0, 20), /no whole JSON object \(20 bytes\)/],
  ['of a server that is busy', { status: 429, text: '{"error":{"type":"x","reason":"busy"}}' }, /busy/],
  ['of a gateway', { status: 502, text: '<html>Bad gateway</html>' }, /502/],
] as const) {
  test(`what must not be done twice is not asked for again behind an answer ${loss}`, async () => {
    const asked: ClientRequestOptions[] = []
    const answer = await requestsTo([told, WHOLE], { asked }).once(NEXT_PAGE)
    assert.match(typeof answer === 'string' ? answer : '', reason)
    assert.deepEqual(asked, [{ ...NEXT_PAGE, isOnce: true }])
  })
}

test('what must not be done twice has an answer, and fails for good, as anything else', async () => {
  assert.deepEqual(await requestsTo([WHOLE]).once(NEXT_PAGE), { status: 200, bytes: Buffer.from(WHOLE) })
  const gone = { status: 404, text: '{"error":{"type":"search_context_missing_exception"}}' }
  assert.deepEqual(await requestsTo([gone]).once(NEXT_PAGE), { status: 404, bytes: Buffer.from(gone.text) })
  const refused = new ConnectError('elasticsearch.index-unusable', 'no')
  await assert.rejects(requestsTo([refused]).once(NEXT_PAGE), refused)
})

test('several requests that fail as one are done again from the first, as often as one would be', async () => {
  const lost = new RetriableError('elasticsearch.unreachable', 'No answer')
  const both = (requests: PatientRequests) =>
    requests.until('do both', async () => {
      await requests.send('begin', { method: 'POST', path: '/begin' })
      return requests.once(NEXT_PAGE)
    })
  const asked: ClientRequestOptions[] = []
  await both(requestsTo([WHOLE, lost, WHOLE, WHOLE], { asked, maxRetries: 1 }))
  assert.deepEqual(
    asked.map(({ path }) => path),
    ['/begin', NEXT_PAGE.path, '/begin', NEXT_PAGE.path],
  )
  await assert.rejects(both(requestsTo([WHOLE, lost, WHOLE, lost], { maxRetries: 1 })), {
    code: 'elasticsearch.retries-exhausted',
    message: "Failed to do both due to 'No answer' after 2 attempt(s)",
  })
})
