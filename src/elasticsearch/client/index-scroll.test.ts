import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryContext } from '../testing/memory-context.ts'
import { IndexScroll } from './index-scroll.ts'
import { PatientRequests } from './patient-requests.ts'

const IS_THERE = { _shards: { total: 1, failed: 0 } }

/** Reads an index by the answers that are given, and notes what happens in its order. */
async function read(answers: (object | 404 | 403)[]) {
  const events: string[] = []
  const request = ({ method, path }: { readonly method: string; readonly path: string }) => {
    events.push(`${method} ${path}`)
    const next = method === 'DELETE' ? {} : (answers.shift() ?? assert.fail('asked too often'))
    const status = typeof next === 'number' ? next : 200
    const json = typeof next === 'number' ? { error: { type: 'x', reason: 'not for you' }, status } : next
    return Promise.resolve({ status, bytes: Buffer.from(JSON.stringify(json)) })
  }
  const options = { retryBackoffMs: 1, maxRetries: 1 }
  const requests = new PatientRequests({ request }, options, {
    context: new MemoryContext(),
    random: () => 0,
  })
  const isThere = await new IndexScroll(requests).read('t', { size: 2 }, async ({ bytes, hits }) => {
    const texts = hits.map(([start, end]) => bytes.toString('utf8', start, end))
    await Promise.resolve()
    events.push(`took ${texts.join(' ')}`)
  })
  return { events, isThere }
}

function page(scroll: string, ...ids: readonly string[]): object {
  return { _scroll_id: scroll, ...IS_THERE, hits: { total: 3, hits: ids.map((_id) => ({ _id })) } }
}

test('while a page is taken the next is read; the search that was told last is ended', async () => {
  assert.deepEqual(await read([IS_THERE, page('s', 'a', 'b'), page('u', 'c'), page('v')]), {
    isThere: true,
    events: [
      'POST /t/_refresh',
      'POST /t/_search?scroll=2m',
      'POST /_search/scroll',
      'took {"_id":"a"} {"_id":"b"}',
      'POST /_search/scroll',
      'took {"_id":"c"}',
      'DELETE /_search/scroll',
    ],
  })
})

test('an index that was never there has no documents; one that goes meanwhile is told apart', async () => {
  assert.deepEqual(await read([404]), { isThere: true, events: ['POST /t/_refresh'] })
  const { isThere } = await read([IS_THERE, 404])
  assert.equal(isThere, false)
  const later = await read([IS_THERE, page('s', 'a'), 404, 404])
  assert.equal(later.isThere, false)
})

test('what may not be read is said, wherever it is noticed', async () => {
  for (const answers of [[], [IS_THERE], [IS_THERE, page('s', 'a')]]) {
    await assert.rejects(read([...answers, 403]), {
      code: 'elasticsearch.index-unusable',
      message: /^Failed to read index t due to '.*not for you/,
    })
  }
})
