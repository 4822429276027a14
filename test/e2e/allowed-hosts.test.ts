import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { test } from 'node:test'
import { startWorker } from '../servers/worker.ts'
import { waitFor } from '../wait-for.ts'

test('no connector reaches a host that the worker does not allow', async () => {
  let connections = 0
  const server = createServer((socket) => {
    connections++
    socket.destroy()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const postgres = {
    'database.port': String(port),
    'database.user': 'u',
    'database.dbname': 'd',
    'topic.prefix': 'p',
  }
  const sink = { topics: 't', 'max.retries': '0', 'retry.backoff.ms': '1' }
  try {
    await using worker = await startWorker({
      env: { CONNECT_CONNECTOR_ALLOWED_HOSTS: 'db.example.com,10.0.0.0/8' },
    })
    for (const host of ['127.0.0.1', 'localhost']) {
      for (const [name, config] of [
        ['PostgresConnector', { ...postgres, 'database.hostname': host }],
        ['PostgresConnector', { ...postgres, 'database.hostname': host, 'database.sslmode': 'disable' }],
        ['ElasticsearchSinkConnector', { ...sink, 'connection.url': `http://${host}:${port}` }],
        ['ElasticsearchSinkConnector', { ...sink, 'connection.url': `https://${host}:${port}` }],
        [
          'ElasticsearchSinkConnector',
          { ...sink, 'connection.url': 'http://10.0.0.1:9', 'proxy.host': host, 'proxy.port': String(port) },
        ],
      ] as const) {
        const path = `/connector-plugins/${name}/config/validate`
        const { body } = await worker.rest('PUT', path, { ...config, 'connector.class': name, name: 'c' })
        const { configs } = body as {
          readonly configs: readonly { readonly value: { readonly errors: readonly string[] } }[]
        }
        const said = configs.flatMap(({ value }) => value.errors).join('\n')
        assert.match(
          said,
          new RegExp(`${host} is not among the hosts .*connector\\.allowed\\.hosts`),
          JSON.stringify(config),
        )
      }
    }
    // Tasks have threads of their own, and converters open connections there.
    for (const [name, host] of [
      ['by-address', '127.0.0.1'],
      ['by-name', 'localhost'],
    ] as const) {
      await worker.rest('PUT', `/topics/${name}`)
      // Avro by the schema with the number 1.
      const record = { value: { base64: Buffer.from([0, 0, 0, 0, 1, 2]).toString('base64') } }
      const { status } = await worker.rest('POST', `/topics/${name}/records`, { records: [record] })
      assert.equal(status, 204)
      await worker.create(name, {
        'connector.class': 'FileStreamSink',
        topics: name,
        file: '/dev/null',
        'value.converter': 'io.confluent.connect.avro.AvroConverter',
        'value.converter.schema.registry.url': `http://${host}:${port}`,
        'value.converter.max.retries': '0',
      })
      const trace = await waitFor('the refusal', async () => (await worker.states(name)).trace || false)
      assert.match(trace, new RegExp(`${host} is not among the hosts .*connector\\.allowed\\.hosts`))
    }
    assert.equal(connections, 0)
  } finally {
    server.close()
  }
})
