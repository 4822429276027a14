import type { IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { text } from 'node:stream/consumers'
import type { ConnectionOptions } from 'node:tls'
import { ConnectError, RetriableError } from '../../api/errors.ts'
import { request as httpRequest } from '../../api/node-http.ts'

export interface WorkerRequest {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  /** Empty: none. */
  readonly body: string
  readonly signal: AbortSignal
}

export interface WorkerAnswer {
  readonly status: number
  readonly text: string
  readonly location: string | null
}

/** Asks another worker of the group. Rejects where no answer came, with what Node or TLS says of it. */
export type AskWorker = (url: URL, request: WorkerRequest) => Promise<WorkerAnswer>

const CONNECT_TIMEOUT_MS = 10_000

/** @param clientTls asked for with each request to `https://`, so that certificates that were renewed count */
export function workerRequests(clientTls: () => ConnectionOptions): AskWorker {
  return async (url, { method, headers, body, signal }) => {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      // A connection of its own: one that was kept may be that of a worker that has ended meanwhile.
      const options = { method, headers, signal, agent: false }
      const sent =
        url.protocol === 'https:'
          ? httpsRequest(url, { ...options, ...clientTls() })
          : httpRequest(url, options)
      sent.once('socket', (socket) => {
        const timer = setTimeout(() => sent.destroy(unreached(url)), CONNECT_TIMEOUT_MS)
        const clear = (): void => clearTimeout(timer)
        socket.once('connect', clear).once('close', clear)
      })
      sent.once('error', (error) => reject(explained(error, url))).once('response', resolve)
      sent.end(body === '' ? undefined : body)
    })
    return {
      status: answer.statusCode ?? 0,
      text: await text(answer),
      location: answer.headers.location ?? null,
    }
  }
}

/** Whether nobody heard the request, so that it may be made again. */
export function isUnheard(error: unknown): boolean {
  if (error instanceof RetriableError) return true
  return error instanceof Error && 'code' in error && UNHEARD.has(String(error.code))
}

const UNHEARD = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH', 'EAI_AGAIN'])

/** One of the sides did not accept the other's certificate. */
function explained(error: NodeJS.ErrnoException, { host, protocol }: URL): Error {
  if (protocol !== 'https:' || !CERTIFICATE_ERROR.test(error.code ?? '')) return error
  return new ConnectError(
    'connect.request-elsewhere',
    `The certificate of ${host}, or that of this worker there, is not trusted: ${error.message}. ` +
      'Check listeners.https.ssl.truststore.location of both',
    { cause: error },
  )
}

const CERTIFICATE_ERROR = /CERT|UNABLE_TO_(?:GET|VERIFY)|^ERR_SSL_|^ERR_TLS_|^EPROTO$/

function unreached({ host }: URL): RetriableError {
  return new RetriableError(
    'connect.request-elsewhere',
    `Nobody took up a connection to ${host} within ${CONNECT_TIMEOUT_MS / 1000} s`,
  )
}
