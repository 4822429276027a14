import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { startWorker } from '../servers/worker.ts'
import { waitFor } from '../wait-for.ts'

const place = mkdtempSync(join(tmpdir(), 'tailrace-small-'))
after(() => rmSync(place, { recursive: true, force: true }))

const text = { 'value.converter': 'org.apache.kafka.connect.storage.StringConverter' }
const linesOf = (file: string): string[] => {
  try {
    return readFileSync(file, 'utf8').split('\n').slice(0, -1)
  } catch {
    return []
  }
}

test('lines of a file that grows and rotates arrive in another, each once, also over a kill of the worker', async () => {
  const from = join(place, 'from.log')
  const to = join(place, 'to.log')
  writeFileSync(from, 'one\ntwo\r\n')
  await using worker = await startWorker({ dataDir: join(place, 'data') })
  await worker.create('in', { ...text, 'connector.class': 'FileStreamSource', file: from, topic: 'lines' })
  await worker.create('out', { ...text, 'connector.class': 'FileStreamSink', topics: 'lines', file: to })
  await waitFor('two lines', async () => linesOf(to).length >= 2)
  const offsets = async () => (await worker.rest('GET', '/connectors/in/offsets')).body
  assert.deepEqual(await offsets(), { offsets: [{ partition: { filename: from }, offset: { position: 9 } }] })
  await worker.kill()
  appendFileSync(from, 'three\n')
  await worker.start()
  await waitFor('three lines', async () => linesOf(to).includes('three'))
  renameSync(from, `${from}.1`)
  writeFileSync(from, 'four\n')
  await waitFor('four lines', async () => linesOf(to).includes('four'))
  assert.equal(await worker.records('lines'), 4)
  assert.deepEqual([...new Set(linesOf(to))], ['one', 'two', 'three', 'four'])
})

test("made-up orders come as JSON with a schema, under Confluent's name too", async () => {
  const to = join(place, 'orders.log')
  await using worker = await startWorker({ dataDir: join(place, 'orders') })
  const schemas = { 'value.converter': 'org.apache.kafka.connect.json.JsonConverter' }
  await worker.create('made', {
    ...schemas,
    'connector.class': 'io.confluent.kafka.connect.datagen.DatagenConnector',
    'kafka.topic': 'orders',
    quickstart: 'orders',
    iterations: '20',
    'max.interval': '1',
  })
  await worker.create('out', { ...text, 'connector.class': 'FileStreamSink', topics: 'orders', file: to })
  await waitFor('twenty orders', async () => linesOf(to).length === 20)
  const orders = linesOf(to).map(
    (line) => JSON.parse(line) as { schema: { name: string }; payload: { orderid: number } },
  )
  assert.equal(orders[0]!.schema.name, 'tailrace.datagen.orders')
  assert.deepEqual(
    orders.map(({ payload }) => payload.orderid),
    Array.from({ length: 20 }, (_, i) => i),
  )
})
