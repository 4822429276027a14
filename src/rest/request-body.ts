import type { IncomingMessage } from 'node:http'
import { HttpError } from './http-error.ts'

/** Larger than any configuration (the reference's tests go to 300 kB), small enough to be held a few times. */
export const MAX_BODY_BYTES = 4 * 1024 * 1024

/** The whole body as text. Throws the `HttpError` of a body that is too large (413) or not UTF-8. */
export async function readBody(message: IncomingMessage): Promise<string> {
  if (Number(message.headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw tooLarge()
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of message) {
    length += (chunk as Buffer).length
    if (length > MAX_BODY_BYTES) throw tooLarge()
    chunks.push(chunk as Buffer)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch {
    throw new HttpError('rest.body-invalid', { status: 500 }, 'The request body is not valid UTF-8')
  }
}

/** The rest of such a body is not read, so its connection is of no more use. */
function tooLarge(): HttpError {
  return new HttpError(
    'rest.body-too-large',
    { status: 413, headers: { connection: 'close' } },
    `The request body is larger than ${MAX_BODY_BYTES} bytes`,
  )
}
