import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { freePort } from '../servers/free-port.ts'
import { startPostgres, type PostgresServer } from '../servers/postgres.ts'
import { untilStreamed } from '../servers/streaming.ts'
import { startWorker, type WorkerProcess } from '../servers/worker.ts'
import { waitFor } from '../wait-for.ts'
import { inventoryConnector, sinkConnector } from './walk-through.ts'

/** What users get wrong: one clear answer each, and a worker that goes on. */
describe('bad input', () => {
  let postgres: PostgresServer
  let worker: WorkerProcess
  before(async () => {
    postgres = await startPostgres()
    await postgres.query('CREATE DATABASE exampledb')
    worker = await startWorker()
  })
  after(async () => {
    await worker?.[Symbol.asyncDispose]()
    await postgres?.stop()
  })

  const post = async (body: unknown) => {
    const { status, body: answer } = await worker.rest('POST', '/connectors', body)
    const { error_code: code, message } = answer as { error_code?: number; message?: string }
    assert.equal(status, code, JSON.stringify(answer))
    return { status, message: message ?? '' }
  }
  const changed = (changes: Record<string, string>) => {
    const { name, config } = inventoryConnector(postgres)
    return { name, config: { ...config, ...changes } }
  }

  test('a wal_level other than logical is refused in the words of the reference', async () => {
    await postgres.restart({ wal_level: 'replica' })
    try {
      const { status, body } = await worker.rest('POST', '/connectors', inventoryConnector(postgres))
      assert.equal(status, 400)
      assert.deepEqual(body, {
        error_code: 400,
        message:
          'Connector configuration is invalid and contains the following 1 error(s):\n' +
          "Error while validating connector config: Postgres server wal_level property must be 'logical' but is: 'replica'\n" +
          'You can also find the above list of errors at the endpoint `/connector-plugins/{connectorType}/config/validate`',
      })
    } finally {
      await postgres.restart({ wal_level: 'logical' })
    }
  })

  test('JSON that does not parse is refused', async () => {
    const { status, message } = await post('{"name": "x", "config": {')
    assert.ok(status === 400 || status === 500, `status ${status}`)
    assert.notEqual(message, '')
  })

  test('a connector without a class is refused, and the message names the property', async () => {
    const { status, message } = await post({ name: 'x', config: { 'tasks.max': '1' } })
    assert.equal(status, 400)
    assert.match(message, /connector\.class|connector type/)
  })

  test('a missing field is refused by its name', async () => {
    const { name, config } = inventoryConnector(postgres)
    const { 'database.hostname': _, ...rest } = config
    const { status, message } = await post({ name, config: rest })
    assert.equal(status, 400)
    assert.match(message, /database\.hostname/)
  })

  test('an unknown class is refused, and the message lists the known ones', async () => {
    const { status, message } = await post(changed({ 'connector.class': 'com.example.Nothing' }))
    assert.equal(status, 400)
    assert.match(message, /com\.example\.Nothing[^]*PostgresConnector/)
  })

  test('a PostgreSQL that cannot be reached is refused, and the message names its address', async () => {
    const port = String(await freePort())
    const { status, message } = await post(changed({ 'database.port': port }))
    assert.equal(status, 400)
    assert.match(message, new RegExp(`127\\.0\\.0\\.1:?.*${port}`))
  })

  test('a wrong password is refused without showing it', async () => {
    const { status, message } = await post(changed({ 'database.password': 'not-the-secret' }))
    assert.equal(status, 400)
    assert.match(message, /password authentication failed for user "postgres"/)
    assert.doesNotMatch(message, /not-the-secret/)
  })

  test('an Elasticsearch that cannot be reached is refused, and the message names its address', async () => {
    const port = await freePort()
    const { status, message } = await post(sinkConnector(`http://127.0.0.1:${port}`))
    assert.equal(status, 400)
    assert.match(message, new RegExp(`127\\.0\\.0\\.1:${port}|[Cc]ould not connect to Elasticsearch`))
  })

  test('a slot that another connector uses is named in the status', async () => {
    await postgres.query('CREATE TABLE test_table (id int PRIMARY KEY)', 'exampledb')
    const { name, config } = inventoryConnector(postgres)
    await worker.create(name, config)
    await untilStreamed(postgres, 'debezium')
    // Six retries, ten seconds apart, unless told.
    const impatient = { 'slot.max.retries': '1', 'slot.retry.delay.ms': '100' }
    await worker.create('second', { ...config, ...impatient, 'topic.prefix': 'second' })
    const trace = await waitFor('the trace', async () => (await worker.states('second')).trace || false)
    assert.match(trace, /slot.*debezium|debezium.*slot/i)
    assert.equal((await worker.rest('DELETE', '/connectors/second')).status, 204)
    const states = await worker.states(name)
    assert.deepEqual([states.connector, ...states.tasks], ['RUNNING', 'RUNNING'])
  })

  test('leaves a worker that answers', async () => {
    assert.equal((await worker.rest('GET', '/')).status, 200)
  })
})
