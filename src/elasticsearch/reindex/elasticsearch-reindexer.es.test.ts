import assert from 'node:assert/strict'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import type { EngineServer } from '../../../test/servers/engine-server.ts'
import { enginesUnderTest, startEngine } from '../../../test/servers/engines.ts'
import type { ReindexOptions } from '../../api/reindexing.ts'
import { MemoryContext } from '../testing/memory-context.ts'
import { ElasticsearchReindexer } from './elasticsearch-reindexer.ts'

const SUFFIX = '-r1'

for (const name of enginesUnderTest('elasticsearch-8.7.1')) {
  describe(`new indices in ${name}`, () => {
    let es: EngineServer
    before(async () => {
      es = await startEngine(name)
    })
    after(() => es.stop())

    test('a swap whose answer is lost is looked at, and done once', async () => {
      const isDeletingOld = true
      const options: ReindexOptions = { from: 'log', isDeletingOld, areFewerAccepted: false }
      await using proxy = await losing(es.url, (request) => request.url === '/_aliases')
      for (const [topic, old] of [
        ['plain', 'plain'],
        ['named', 'named-r0'],
      ] as const) {
        await ask(es.url, 'PUT', `/${old}`, old === topic ? {} : { aliases: { [topic]: {}, other: {} } })
        const config = { 'connection.url': proxy.url, 'retry.backoff.ms': '1', mode: 'mirror' }
        const { log, signal } = new MemoryContext()
        const reindexer = new ElasticsearchReindexer(config, { log, signal, suffix: SUFFIX })
        const names = await reindexer.begin([topic], options)
        proxy.loseNext()
        assert.deepEqual(await reindexer.swap(names, options), [
          {
            name: topic,
            index: topic + SUFFIX,
            documents: 0,
            old: { index: old, documents: 0, isDeleted: true },
          },
        ])
        await reindexer.tidy(names)
        reindexer.close()
      }
      assert.deepEqual(await ask(es.url, 'GET', '/plain*,named*/_alias'), {
        'plain-r1': { aliases: { plain: {} } },
        'named-r1': { aliases: { named: {}, other: {} } },
      })
      assert.equal(proxy.lost, 2)
    })
  })
}

/** Passes all on to a server, and loses the next answer to some requests where it is told to: the server has done them. */
async function losing(target: string, isLost: (request: IncomingMessage) => boolean) {
  let isLosing = false
  let lost = 0
  const server = createServer((request, response) => {
    void (async () => {
      const body = Buffer.concat(await request.toArray())
      const { method = '' } = request
      const answer = await fetch(`${target}${request.url}`, {
        method,
        headers: { 'content-type': 'application/json' },
        ...(body.length > 0 && { body }),
      })
      const bytes = Buffer.from(await answer.arrayBuffer())
      if (isLosing && isLost(request)) {
        isLosing = false
        lost++
        request.socket.resetAndDestroy()
      } else response.writeHead(answer.status).end(bytes)
    })().catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get lost(): number {
      return lost
    },
    loseNext(): void {
      isLosing = true
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function ask(url: string, method: string, path: string, body?: object): Promise<unknown> {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })
  assert.equal(answer.status, 200)
  return answer.json()
}
