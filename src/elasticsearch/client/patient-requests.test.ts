import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryContext } from '../testing/memory-context.ts'
import type { Answer } from './client.ts'
import { asItIs } from './cut-short.ts'
import { failedShards } from './failed-shards.ts'
import { PatientRequests } from './patient-requests.ts'

const WHOLE = '{"_shards":{"total":1,"failed":0},"hits":{"hits":[{"_id":"a\\"\u00e9"}]}}'

type Told = string | Buffer | { readonly status: number; readonly text: string }

/** Answers one after the other, with status 200 where nothing else is said. */
function requestsTo(told: Told[]) {
  const request = (): Promise<Answer> => {
    const next = told.shift() ?? assert.fail('asked too often')
    const { status, text } = typeof next === 'object' && 'text' in next ? next : { status: 200, text: next }
    return Promise.resolve({ status, bytes: Buffer.from(text) })
  }
  const options = { retryBackoffMs: 1, maxRetries: null }
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

test('what has no text, or cannot be asked for again, is taken as it is', async () => {
  const { status } = await requestsTo(['']).send('look', { method: 'HEAD', path: '/t' })
  assert.equal(status, 200)
  const page = await requestsTo(['{"hits']).send('go on', { method: 'POST', path: '/_search/scroll' }, asItIs)
  assert.equal(page.bytes.toString(), '{"hits')
})
