import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, test } from 'node:test'
import type { SinkBatch, SinkRecord, SinkTaskContext } from 'tailrace/api'
import { exampleSink, ExampleSinkTask } from '../src/plugin.ts'

const bodies: string[] = []
let status = 200
const server = createServer((request, response) => {
  void text(request).then((body) => {
    bodies.push(body)
    response.writeHead(status).end()
  })
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
after(() => server.close())
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`

function batchOf(...values: readonly string[]): SinkBatch {
  const records = values.map((value, offset): SinkRecord => {
    const origin = { topic: 't', partition: 0, offset: BigInt(offset) }
    const more = { keySchema: null, key: null, valueSchema: null, timestamp: null, headers: [] }
    return { topic: 't', partition: 0, value: new Map([['text', value]]), origin, ...more }
  })
  return { kind: 'records', topic: 't', partition: 0, records }
}

async function startTask(): Promise<ExampleSinkTask> {
  const task = new ExampleSinkTask()
  await task.start({ url }, { requestCommit() {} } as unknown as SinkTaskContext)
  return task
}

test('records are posted as JSON, and then they may be committed', async () => {
  const task = await startTask()
  await task.put([batchOf('a', 'b'), batchOf('c')])
  assert.deepEqual(bodies, ['[{"text":"a"},{"text":"b"},{"text":"c"}]'])
  const positions = [{ topic: 't', partition: 0, offset: 2n }]
  assert.deepEqual(await task.preCommit(positions), positions)
})

test('a server that is away is tried again, one that refuses is not', async () => {
  const task = await startTask()
  status = 503
  await assert.rejects(task.put([batchOf('a')]), { name: 'RetriableError', retriable: true })
  status = 422
  await assert.rejects(task.put([batchOf('a')]), { name: 'DataError', retriable: false })
})

test('wrong options are refused by name', () => {
  const errors = exampleSink.configDef.validate({ url: 'nowhere' }).flatMap((option) => option.errors)
  assert.deepEqual(errors, ['Invalid value nowhere for configuration url: it must be http://HOST:PORT/PATH'])
})
