import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { guardedLookup } from '../../api/allowed-hosts.ts'
import { ConfigError } from '../../api/errors.ts'
import type { SslOptions } from '../options/postgres-options.ts'

const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])
const YES = 'S'.charCodeAt(0)

/**
 * What `sslmode` means for `pg`: false for a plain connection. `allow` and `prefer` take TLS where the server has it and
 * check no certificate, as libpq does; `require` insists on TLS, `verify-ca` on a certificate of a known authority,
 * `verify-full` also on the host's name in it.
 */
export async function tlsOptions(
  ssl: SslOptions,
  server: { readonly host: string; readonly port: number; readonly timeoutMs: number },
  signal: AbortSignal,
): Promise<ConnectionOptions | false> {
  if (ssl.mode === 'disable') return false
  if (!(await offersTls(server, signal))) {
    if (ssl.mode === 'prefer' || ssl.mode === 'allow') return false
    throw new ConfigError(
      'postgres.tls-unavailable',
      `PostgreSQL at ${server.host}:${server.port} does not offer TLS, which database.sslmode=${ssl.mode} asks for.`,
    )
  }
  const verify = ssl.mode === 'verify-ca' || ssl.mode === 'verify-full'
  const [ca, cert, key] = await Promise.all([
    readPem('database.sslrootcert', verify ? ssl.caFile : null),
    readPem('database.sslcert', ssl.certFile),
    readPem('database.sslkey', ssl.keyFile),
  ])
  return {
    rejectUnauthorized: verify,
    ...(ssl.mode === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}),
    ...(ca === null ? {} : { ca }),
    ...(cert === null ? {} : { cert }),
    ...(key === null ? {} : { key }),
    ...(ssl.keyPassword === null ? {} : { passphrase: ssl.keyPassword }),
  }
}

async function readPem(option: string, file: string | null): Promise<Buffer | null> {
  if (file === null || file === '') return null
  try {
    return await readFile(file)
  } catch (cause) {
    throw new ConfigError('postgres.tls-file', `The file of ${option} cannot be read: ${file}`, { cause })
  }
}

/** Asks the server whether it takes TLS, on a connection of its own: `pg` cannot go on without it on the same one. */
function offersTls(
  server: { readonly host: string; readonly port: number; readonly timeoutMs: number },
  signal: AbortSignal,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const { host, port, timeoutMs: timeout } = server
    const socket = connect({ host, port, timeout, signal, lookup: guardedLookup })
    socket.once('connect', () => socket.write(SSL_REQUEST))
    socket.once('data', (answer) => {
      resolve(answer[0] === YES)
      socket.destroy()
    })
    socket.once('timeout', () => socket.destroy(new Error(`no answer within ${server.timeoutMs} ms`)))
    socket.on('error', reject)
    socket.once('close', () => reject(new Error('the server closed the connection')))
  })
}
