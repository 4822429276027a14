import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { PlainError } from '../search-error.ts'

/** `http.max_content_length` of Elasticsearch, unpacked. */
export const MAX_BODY_BYTES = 100 * 1024 * 1024

const unzip = promisify(gunzip)

function tooLarge(maxBytes: number): PlainError {
  return new PlainError(
    413,
    `Request entity too large: the body may have up to [${maxBytes}] bytes; send smaller requests`,
  )
}

async function collect(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes)
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBytes) throw tooLarge(maxBytes)
    chunks.push(chunk)
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, bytes)
}

/** The whole body, unpacked where it came gzipped; a small body that would unpack to a huge one is refused too. */
export async function readBody(request: IncomingMessage, maxBytes = MAX_BODY_BYTES): Promise<Buffer> {
  const body = await collect(request, maxBytes)
  const encoding = request.headers['content-encoding'] ?? 'identity'
  if (encoding === 'identity' || body.length === 0) return body
  if (encoding !== 'gzip')
    throw new PlainError(415, `Content-Encoding [${encoding}] is not supported, only gzip`)
  try {
    return await unzip(body, { maxOutputLength: maxBytes })
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(maxBytes)
    throw new PlainError(400, 'The body is not valid gzip')
  }
}
