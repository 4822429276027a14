import assert from 'node:assert/strict'
import { request, type IncomingMessage } from 'node:http'
import { test } from 'node:test'
import { RestClient } from '../testing/rest-client.ts'

interface Event {
  readonly name: string
  readonly data: { readonly changed?: readonly { readonly name: string; readonly state: string }[] } & Record<
    string,
    unknown
  >
}

/** The events of a worker as they come. */
async function* events(client: RestClient, signal: AbortSignal): AsyncGenerator<Event> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request({ port: client.port, path: '/events', signal }, resolve)
    sent.on('error', reject).end()
  })
  assert.equal(response.headers['content-type'], 'text/event-stream; charset=utf-8')
  let rest = ''
  for await (const chunk of response.setEncoding('utf8')) {
    const blocks = (rest + (chunk as string)).split('\n\n')
    rest = blocks.pop()!
    for (const block of blocks) {
      const match = /^event: (\w+)\ndata: (.*)$/.exec(block)
      if (match !== null) yield { name: match[1]!, data: JSON.parse(match[2]!) as Event['data'] }
    }
  }
}

test('who follows a worker learns who it is, all connectors, and then what changes', async () => {
  await using client = await RestClient.start()
  client.herder.configs.set('a', { 'connector.class': 'x.FakeSinkConnector', topics: 't' })
  using leaving = new DisposableStack()
  const controller = new AbortController()
  leaving.defer(() => controller.abort())
  const stream = events(client, controller.signal)
  const next = async (name: string): Promise<Event['data']> => {
    for (;;) {
      const { value, done } = await stream.next()
      assert.ok(!done, `the stream ended before ${name}`)
      if (value.name === name) return value.data
    }
  }
  assert.equal((await next('worker'))['commit'], 'abc')
  const first = await next('connectors')
  assert.deepEqual(
    first.changed?.map(({ name, state }) => `${name} ${state}`),
    ['a RUNNING'],
  )
  client.herder.states.set('a', 'PAUSED')
  const second = await next('connectors')
  assert.equal(second.changed?.[0]?.state, 'PAUSED')
  client.herder.configs.delete('a')
  assert.deepEqual((await next('connectors'))['removed'], ['a'])
  assert.ok(Number((await next('sample'))['at']) > 1e12)
  await stream.return(undefined)
})

test('the server closes with streams open, and refuses one too many', async () => {
  const client = await RestClient.start()
  const controller = new AbortController()
  const streams = Array.from({ length: 64 }, () => events(client, controller.signal))
  await Promise.all(streams.map((stream) => stream.next()))
  const { status } = await client.call('GET', '/events')
  assert.equal(status, 503)
  // Of 10 ms; those in which the machine itself stands still do not count.
  let turns = 0
  const counting = setInterval(() => turns++, 10)
  await client[Symbol.asyncDispose]()
  clearInterval(counting)
  assert.ok(turns < 150, 'closing waits for no stream')
  await Promise.all(streams.map((stream) => stream.return(undefined)))
  controller.abort()
})
