import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { test, type TestContext } from 'node:test'
import { freePort } from '../../../test/servers/free-port.ts'
import { onFreePort } from './on-free-port.ts'

async function listen(port: number, t: TestContext): Promise<Server> {
  const server = createServer()
  t.after(() => server.close())
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

test('a port that is taken is passed over, also when it is taken between the look and the start', async (t) => {
  const wanted = await freePort()
  await listen(wanted, t)
  const tried: number[] = []
  const got = await onFreePort(wanted, async (port) => {
    tried.push(port)
    if (tried.length === 1) await listen(port, t)
    await listen(port, t)
    return port
  })
  assert.ok(tried[0]! > wanted)
  assert.deepEqual(tried.slice(0, 2), [tried[0], got])
  assert.ok(got > tried[0]!)
})

test('a start that fails for another reason is not tried again', async () => {
  let starts = 0
  const failing = onFreePort(await freePort(), () => {
    starts++
    return Promise.reject(new Error('no disk'))
  })
  await assert.rejects(failing, /no disk/)
  assert.equal(starts, 1)
})
