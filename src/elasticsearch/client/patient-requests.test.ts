import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryContext } from '../testing/memory-context.ts'
import type { Answer } from './client.ts'
import { asItIs } from './cut-short.ts'
import { failedShards } from './failed-shards.ts'
import { PatientRequests } from './patient-requests.ts'

const WHOLE = '{"_shards":{"total":1,"failed":0},"hits":{"hits":[{"_id":"a\\"\u00e9"}]}}'

/** Answers one after the other, with status 200. */
function requestsTo(texts: (string | Buffer)[]) {
  const request = (): Promise<Answer> =>
    Promise.resolve({ status: 200, bytes: Buffer.from(texts.shift() ?? assert.fail('asked too often')) })
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

test('what has no text, or cannot be asked for again, is taken as it is', async () => {
  const { status } = await requestsTo(['']).send('look', { method: 'HEAD', path: '/t' })
  assert.equal(status, 200)
  const page = await requestsTo(['{"hits']).send('go on', { method: 'POST', path: '/_search/scroll' }, asItIs)
  assert.equal(page.bytes.toString(), '{"hits')
})
