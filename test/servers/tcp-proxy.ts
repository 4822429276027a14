import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface TcpProxy extends AsyncDisposable {
  readonly host: string
  readonly port: number
  /** Connections that were made, all in all. */
  readonly connections: number
  /** Bytes from server to client, all in all. */
  readonly bytes: number
  /** Every connection is cut (reset) once so many more bytes came from the server: in the middle of anything. */
  cutAfter(bytes: number): void
  /** Cuts every connection now. */
  cut(): void
  /** Bytes in both directions arrive so much later; in order. */
  delay(ms: number): void
  /** While true, nothing passes and nothing is closed: as a cable that was pulled. */
  blackhole(isOn: boolean): void
}

/** Between a client and a server, so that a test can do what networks do. */
export async function startTcpProxy(target: {
  readonly host: string
  readonly port: number
}): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>()
  let connections = 0
  let bytes = 0
  let cutAt = Infinity
  let delayMs = 0
  let swallowed: Promise<void> | null = null
  let release = (): void => {}

  const cut = () => {
    for (const pair of pairs) for (const socket of pair) socket.resetAndDestroy()
    pairs.clear()
  }
  const pump = (from: Socket, to: Socket, isFromServer: boolean) => {
    let order: Promise<void> = Promise.resolve()
    const pass = async (chunk: Buffer, arrivedAt: number): Promise<void> => {
      if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, arrivedAt + delayMs - Date.now()))
      await swallowed
      if (to.destroyed) return
      if (isFromServer) {
        const room = cutAt - bytes
        bytes += Math.min(chunk.length, room)
        if (chunk.length >= room) {
          cutAt = Infinity
          to.write(chunk.subarray(0, room), cut)
          return
        }
      }
      if (!to.write(chunk)) await Promise.race([once(to, 'drain'), once(to, 'close')]).catch(() => {})
    }
    from.on('data', (chunk: Buffer) => {
      const arrivedAt = Date.now()
      from.pause()
      order = order.then(() => pass(chunk, arrivedAt)).finally(() => from.resume())
    })
    from.on('end', () => void order.then(() => swallowed).then(() => to.end()))
  }
  const server = createServer({ allowHalfOpen: true }, (client) => {
    connections++
    const upstream = connect({ ...target, allowHalfOpen: true })
    const pair = [client, upstream] as const
    pairs.add(pair)
    for (const [socket, other] of [pair, [upstream, client] as const]) {
      socket.setNoDelay(true)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        pairs.delete(pair)
        if (swallowed === null) other.destroySoon()
      })
    }
    pump(client, upstream, false)
    pump(upstream, client, true)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections
    },
    get bytes() {
      return bytes
    },
    cutAfter: (more) => (cutAt = bytes + more),
    cut,
    delay: (ms) => (delayMs = ms),
    blackhole(isOn) {
      if (isOn) swallowed ??= new Promise((resolve) => (release = resolve))
      else {
        swallowed = null
        release()
      }
    },
    async [Symbol.asyncDispose]() {
      release()
      server.close()
      cut()
      await once(server, 'close')
    },
  }
}
