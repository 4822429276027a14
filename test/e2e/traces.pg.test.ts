import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { CANARY } from '../servers/canary.ts'
import { Collector, type CollectedSpan } from '../servers/collector.ts'
import { startPostgres, type PostgresServer } from '../servers/postgres.ts'
import { startSearch, type SearchServer } from '../servers/search.ts'
import { sinkConfig, sourceConfig, startWorker, type WorkerProcess } from '../servers/worker.ts'
import { waitFor } from '../wait-for.ts'

const TOPIC = 'p.public.items'
const KIND = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 }

let postgres: PostgresServer
let search: SearchServer
let collector: Collector
let worker: WorkerProcess
before(async () => {
  ;[postgres, search, collector] = await Promise.all([startPostgres(), startSearch(), Collector.start()])
  await postgres.query('CREATE TABLE items (id int PRIMARY KEY, name text)')
  await postgres.query("INSERT INTO items SELECT i, 'a-row-value' FROM generate_series(1, 10) i")
  worker = await startWorker({
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: 'api-key=of-the-collector',
      OTEL_SERVICE_NAME: 'orders',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
      OTEL_BSP_SCHEDULE_DELAY: '50',
    },
  })
  await worker.create('items', sourceConfig(postgres, { 'table.include.list': 'public.items' }))
  await worker.create('search', sinkConfig(search.url, TOPIC))
  await documents(10)
})
after(async () => {
  await worker?.[Symbol.asyncDispose]()
  await collector?.[Symbol.asyncDispose]()
  await search?.stop()
  await postgres?.stop()
})

async function documents(count: number): Promise<void> {
  await waitFor(`${count} documents`, async () => {
    await fetch(`${search.url}/${TOPIC}/_refresh`, { method: 'POST' })
    const answer = (await (await fetch(`${search.url}/${TOPIC}/_count`)).json()) as { count?: number }
    return answer.count === count
  })
}

const collectedOne = (what: string, wanted: (span: CollectedSpan) => boolean): Promise<CollectedSpan> =>
  waitFor(`the span of ${what}`, () => collector.spans.find(wanted))

test('a row is followed from PostgreSQL into the index in one trace', async () => {
  await postgres.query("INSERT INTO items VALUES (11, 'a-row-value')")
  await documents(11)
  const ofOffset10 = (span: CollectedSpan): boolean =>
    span.name === `publish ${TOPIC}` && span.attributes['messaging.kafka.offset'] === 10
  const publish = await collectedOne('the row in its topic', ofOffset10)
  const inTrace = (name: string) =>
    collectedOne(name, (span) => span.name === name && span.traceId === publish.traceId)
  const [read, append, process, bulk] = await Promise.all([
    inTrace('read items'),
    inTrace('append'),
    inTrace(`process ${TOPIC}`),
    inTrace('bulk'),
  ])
  assert.equal(publish.parentSpanId, undefined)
  assert.deepEqual(
    [read, append, process].map(({ parentSpanId }) => parentSpanId),
    [publish.spanId, publish.spanId, publish.spanId],
  )
  assert.equal(bulk.parentSpanId, process.spanId)
  assert.deepEqual(
    [publish, read, append, process, bulk].map(({ kind }) => kind),
    [KIND.producer, KIND.internal, KIND.internal, KIND.consumer, KIND.client],
  )
  assert.equal(publish.attributes['messaging.destination.name'], TOPIC)
  assert.equal(publish.attributes['messaging.destination.partition.id'], '0')
  assert.equal(publish.attributes['messaging.batch.message_count'], 1)
  assert.equal(publish.attributes['tailrace.connector'], 'items')
  assert.equal(process.attributes['tailrace.connector'], 'search')
  assert.deepEqual(process.attributes['tailrace.offsets'], [`${TOPIC}-0: 10..10`])
  assert.equal(bulk.attributes['db.operation.batch.size'], 1)
  assert.equal(bulk.attributes['http.response.status_code'], 200)
  for (const span of [publish, read, append, process, bulk]) {
    assert.ok(span.startMs <= span.endMs, span.name)
    assert.equal(span.isError, false, span.name)
  }
  assert.ok(publish.startMs <= append.startMs && append.startMs <= bulk.endMs)
})

test('starts and the snapshot are told, with who the worker is', async () => {
  const snapshot = await collectedOne('the snapshot', ({ name }) => name === 'snapshot')
  assert.equal(snapshot.attributes['tailrace.snapshot.rows'], 10)
  assert.equal(snapshot.attributes['tailrace.connector'], 'items')
  for (const connector of ['items', 'search']) {
    for (const name of ['start connector', 'start task']) {
      await collectedOne(
        `${name} ${connector}`,
        (span) => span.name === name && span.attributes['tailrace.connector'] === connector,
      )
    }
  }
  assert.equal(collector.resource['service.name'], 'orders')
  assert.equal(collector.resource['deployment.environment.name'], 'test')
  assert.equal(collector.resource['telemetry.sdk.name'], 'opentelemetry')
  assert.equal(collector.headers['api-key'], 'of-the-collector')
})

test("a request is part of its caller's trace, and health is not told of", async () => {
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  const traceparent = `00-${traceId}-b7ad6b7169203331-01`
  await fetch(`${worker.url}/health`, { headers: { traceparent } })
  await fetch(`${worker.url}/connectors/nobody/status`, { headers: { traceparent } })
  const span = await collectedOne('the request', (span) => span.traceId === traceId)
  assert.equal(span.name, 'GET /connectors/:connector/status')
  assert.deepEqual([span.kind, span.parentSpanId], [KIND.server, 'b7ad6b7169203331'])
  assert.equal(span.attributes['http.response.status_code'], 404)
})

test('a server that refuses is seen in the trace, and no trace holds a secret or a row', async () => {
  await search.stop()
  await postgres.query("INSERT INTO items VALUES (12, 'a-row-value')")
  const failed = await collectedOne('a refused request', ({ name, isError }) => name === 'bulk' && isError)
  assert.equal(failed.attributes['tailrace.connector'], 'search')
  for (const secret of ['a-row-value', 'database.password', CANARY]) {
    assert.ok(!collector.text.includes(secret), secret)
  }
})

test('a collector that is away takes nothing from the worker, which says so once', async () => {
  collector.status = 400
  const before = collector.refused
  await waitFor('refused traces', async () => {
    await worker.rest('GET', '/connectors')
    return collector.refused > before + 2
  })
  collector.status = 200
  await worker.hasWritten(/Traces are not taken by the collector/)
  await waitFor('traces again', async () => {
    await worker.rest('GET', '/connectors')
    return /taken by the collector again/.test(worker.output)
  })
  assert.equal(worker.output.split('Traces are not taken').length, 2)
})
