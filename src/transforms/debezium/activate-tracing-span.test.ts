import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TaskLogger } from '../../api/source-task.ts'
import type { Schema } from '../../api/schema.ts'
import { ValueStruct } from '../../api/struct.ts'
import type { ReportedSpan, SpanContext, TaskTracing } from '../../api/tracing.ts'
import { activateTracingSpan } from './activate-tracing-span.ts'
import { recordTemplate } from '../testing/both-ways.ts'
import { change, tombstone } from '../testing/envelopes.ts'
import { INT32, record, STRING, structSchemaOf } from '../testing/records.ts'

const TRACE = 'f99aefa4b9c40a436432b62f851a8159'
const GIVEN = `00-${TRACE}-526f14c08e12c3b9-01`
const OWN: SpanContext = { traceId: TRACE, spanId: '1111111111111111' }
const NONE: TaskLogger = { debug() {}, info() {}, warn() {}, error() {} }

/** Remembers what it is told; every span that it begins is at the same place. */
class Spans implements TaskTracing {
  readonly current = null
  readonly told: ReportedSpan[] = []
  readonly #place: SpanContext | null

  constructor(place: SpanContext | null = OWN) {
    this.#place = place
  }

  nowMs(): number {
    return 1000
  }

  begin(): SpanContext | null {
    return this.#place
  }

  end(_context: SpanContext, span: ReportedSpan): void {
    this.told.push(span)
  }

  report(span: ReportedSpan): void {
    this.told.push(span)
  }
}

function headersOf(text: string | null, tracing: TaskTracing | null, config: Record<string, string> = {}) {
  const given = {
    ...change({ id: INT32, tracingspancontext: STRING }, 'c', { after: [1, text] }),
    headers: [{ name: 'traceparent', schema: STRING, value: 'old' }],
  }
  const { headers } = activateTracingSpan.create(config, { log: NONE, tracing }).apply(given)!
  return headers.map(({ name, value }) => [name, value])
}

const OLD = [['traceparent', 'old']]

test('who reads a change goes on in the trace that its row names', () => {
  const text = `traceparent=${GIVEN}\ntracestate=a=b\nbaggage=k=v`
  assert.deepEqual(headersOf(text, new Spans()), [
    ['traceparent', `00-${TRACE}-1111111111111111-01`],
    ['tracestate', 'a=b'],
  ])
})

test('without traces here the place that the row names is passed on, and without one nothing is', () => {
  assert.deepEqual(headersOf(`traceparent=${GIVEN}`, null), [['traceparent', GIVEN]])
  assert.deepEqual(headersOf(`traceparent=${GIVEN}`, new Spans(null)), [['traceparent', GIVEN]])
  for (const text of [null, '', 'traceparent=00-zz-1-01', 'tracestate=a=b']) {
    assert.deepEqual(headersOf(text, null), OLD)
  }
})

test('a trace that is not kept is not told of, and stays so', () => {
  const spans = new Spans()
  const unsampled = GIVEN.replace(/01$/, '00')
  assert.deepEqual(headersOf(`traceparent=${unsampled}`, spans), [['traceparent', unsampled]])
  assert.deepEqual(spans.told, [])
})

test('changes without a place in a trace begin one, unless only those with one are wanted', () => {
  assert.deepEqual(headersOf(null, new Spans()), [['traceparent', `00-${TRACE}-1111111111111111-01`]])
  const spans = new Spans()
  assert.deepEqual(headersOf(null, spans, { 'tracing.with.context.field.only': 'true' }), OLD)
  assert.deepEqual(spans.told, [])
})

test('the spans are those of the write and of the reading, with what the change says of itself', () => {
  const source = structSchemaOf({ db: STRING, name: STRING, ts_ms: { type: 'int64', optional: false } })
  const row: Schema = structSchemaOf({ id: INT32 }, { optional: true })
  const schema = structSchemaOf(
    { after: row, source, op: STRING, ts_ms: { type: 'int64', optional: true } },
    { name: 'p.public.t.Envelope' },
  )
  const value = new ValueStruct(schema, [
    new ValueStruct(row, [1]),
    new ValueStruct(source, ['d', 'p', 400n]),
    'u',
    500n,
  ])
  const spans = new Spans()
  const config = { 'tracing.operation.name': 'reading' }
  activateTracingSpan
    .create(config, { log: NONE, tracing: spans })
    .apply(record({ valueSchema: schema, value }))
  assert.deepEqual(spans.told, [
    { name: 'reading', parent: OWN, startMs: 500, endMs: 1000, attributes: { op: 'u', ts_ms: '500' } },
    {
      name: 'db-log-write',
      parent: null,
      startMs: 400,
      endMs: 1000,
      attributes: { 'db.instance': 'd', 'db.cdc-name': 'p', 'db.ts_ms': '400' },
    },
  ])
})

test('what is no change passes, and what is sure to stay as it is is left to templates', () => {
  const transformation = activateTracingSpan.create({})
  const gone = tombstone()
  assert.equal(transformation.apply(gone), gone)
  const compiles = (columns: Readonly<Record<string, Schema>>, tracing: TaskTracing | null): boolean => {
    const template = recordTemplate(change(columns, 'c', { after: [1, null] }), () => false)
    return activateTracingSpan.create({}, { log: NONE, tracing }).compile!(template) !== null
  }
  const others = { id: INT32, a: STRING }
  assert.deepEqual(
    [
      compiles(others, null),
      compiles(others, new Spans()),
      compiles({ id: INT32, tracingspancontext: STRING }, null),
    ],
    [true, false, false],
  )
})
