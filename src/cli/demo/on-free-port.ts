import { createServer } from 'node:net'

/**
 * Starts a server on the first port from `wanted` on that nobody listens on. Whoever takes the port between the look and
 * the start gets it, and the server the next one; any other failure of `start` is thrown.
 */
export async function onFreePort<T>(wanted: number, start: (port: number) => Promise<T>): Promise<T> {
  for (let port = wanted; ; port++) {
    if (!(await isFree(port))) continue
    try {
      return await start(port)
    } catch (error) {
      if (await isFree(port)) throw error
    }
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false)
      else reject(error)
    })
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
