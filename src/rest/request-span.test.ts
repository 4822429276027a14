import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Tracer, type SpanRecord } from '../connect/tracing/tracer.ts'
import { RequestSpan } from './request-span.ts'

function ask(path: string, { traceparent, share = 1 }: { traceparent?: string; share?: number } = {}) {
  const spans: SpanRecord[] = []
  const tracer = new Tracer(share, (span) => spans.push(span))
  const span = new RequestSpan(tracer, 'GET', traceparent === undefined ? {} : { traceparent })
  span.routed(path)
  span.ended(200)
  return { spans, traceparent: span.traceparent }
}

const TRACE = '0af7651916cd43dd8448eb211c80319c'

test("goes on in the caller's trace, which says whether it is kept", () => {
  const { spans, traceparent } = ask('/connectors', {
    traceparent: `00-${TRACE}-b7ad6b7169203331-01`,
    share: 0,
  })
  assert.deepEqual(spans[0]?.parent, { traceId: TRACE, spanId: 'b7ad6b7169203331' })
  assert.match(traceparent!, new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`))
  assert.notEqual(spans[0]?.context.spanId, 'b7ad6b7169203331')
  assert.deepEqual(ask('/connectors', { traceparent: `00-${TRACE}-b7ad6b7169203331-00` }).spans, [])
})

test('begins a trace of its own where there is none, or none that can be read', () => {
  for (const traceparent of ['', 'nonsense', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`, `00-${TRACE}-01`]) {
    const { spans } = ask('/connectors', { traceparent })
    assert.equal(spans[0]?.parent, null, traceparent)
  }
  assert.deepEqual(ask('/connectors', { share: 0 }).spans, [])
})

test('is named by its route, and silent about who only watches', () => {
  const { spans } = ask('/connectors/:connector/tasks/#task/status')
  assert.equal(spans[0]?.name, 'GET /connectors/:connector/tasks/:task/status')
  for (const path of ['/health/live', '/metrics', '/console/assets/:file', '/docs/:file']) {
    assert.deepEqual(ask(path).spans, [], path)
  }
})
