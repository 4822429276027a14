import { PlainError, SearchError } from '../search-error.ts'

const JSON_KINDS = new Set(['application/json', 'application/x-ndjson'])
const COMPATIBLE = /^application\/vnd\.elasticsearch\+(?:json|x-ndjson)$/

interface MediaType {
  readonly isSupported: boolean
  readonly compatibleWith: string | undefined
}

function parse(header: string): MediaType {
  const [type = '', ...parameters] = header.split(';').map((part) => part.trim().toLowerCase())
  if (JSON_KINDS.has(type)) return { isSupported: true, compatibleWith: undefined }
  if (!COMPATIBLE.test(type)) return { isSupported: false, compatibleWith: undefined }
  const version = parameters.find((parameter) => parameter.startsWith('compatible-with='))?.slice(16)
  return { isSupported: true, compatibleWith: version }
}

function headersDisagree(detail: string): SearchError {
  const reason = 'Invalid media-type value on headers [Accept, Content-Type]'
  return new SearchError(400, 'media_type_header_exception', reason, {
    caused_by: { type: 'status_exception', reason: detail },
  })
}

const NEED_BOTH =
  'A compatible version is required on both Content-Type and Accept headers if either one has requested a compatible version.'

/** Checks what the request carries and accepts, and says what kind the answer is. `*` in `accept` and HTML count as JSON. */
export function negotiateMediaType(contentType: string, accept: string, hasBody: boolean): string {
  const sent = parse(contentType)
  if (hasBody && !sent.isSupported)
    throw new PlainError(406, `Content-Type header [${contentType}] is not supported`)
  const wanted = parse(accept)
  const versions = hasBody ? [sent.compatibleWith, wanted.compatibleWith] : [wanted.compatibleWith]
  const version = versions.find((each) => each !== undefined)
  if (version === undefined) return 'application/json'
  if (versions.some((each) => each !== version)) {
    throw headersDisagree(`${NEED_BOTH} Accept=${accept || 'null'}, Content-Type=${contentType || 'null'}`)
  }
  if (version !== '7' && version !== '8') {
    throw headersDisagree(
      `Accept version must be either version 8 or 7, but found ${version}. Accept=${accept}`,
    )
  }
  return `application/vnd.elasticsearch+json;compatible-with=${version}`
}
