import { createServer } from 'node:net'

/** The first port from `wanted` on that nobody listens on. */
export async function nextFreePort(wanted: number): Promise<number> {
  for (let port = wanted; ; port++) if (await isFree(port)) return port
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
