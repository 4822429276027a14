import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { ReadingSocket } from './reading-socket.ts'

/** A socket and its other end. */
async function connected(): Promise<{ socket: ReadingSocket; far: Socket } & AsyncDisposable> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const arrival = once(server, 'connection') as Promise<[Socket]>
  const socket = new ReadingSocket()
  socket.connect(port, '127.0.0.1')
  const [far] = await arrival
  await once(socket, 'ready')
  return {
    socket,
    far,
    async [Symbol.asyncDispose]() {
      socket.destroy()
      far.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

async function received(socket: ReadingSocket, far: Socket, text: string): Promise<Buffer> {
  const arrival = once(socket, 'data') as Promise<[Buffer]>
  far.write(text)
  return (await arrival)[0]
}

test('what was received may be kept until the socket lends its bytes', async () => {
  await using pair = await connected()
  const { socket, far } = pair
  const kept = await received(socket, far, 'first')
  await received(socket, far, 'later')
  assert.equal(kept.toString(), 'first')
  socket.lendBytes()
  const lent = await received(socket, far, 'third')
  assert.equal(lent.toString(), 'third')
  assert.equal((await received(socket, far, 'fourth')).buffer, lent.buffer)
})

test('a paused socket does not touch what it has lent, and misses nothing', async () => {
  await using pair = await connected()
  const { socket, far } = pair
  socket.lendBytes()
  const paused = Promise.withResolvers<Buffer>()
  socket.once('data', (bytes: Buffer) => {
    socket.pause()
    paused.resolve(bytes)
  })
  far.write('held')
  const held = await paused.promise
  await new Promise((resolve) => far.write('more', resolve))
  // The loop has been around: whoever reads would have read.
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(held.toString(), 'held')
  const next = once(socket, 'data') as Promise<[Buffer]>
  const ended = once(socket, 'end')
  socket.resume()
  assert.equal((await next)[0].toString(), 'more')
  far.end()
  await ended
})
