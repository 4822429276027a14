/** An ErrorResponse: what the server says went wrong. `code` is its SQLSTATE. */
export class ServerError extends Error {
  readonly code: string
  readonly severity: string
  readonly detail: string | null
  readonly hint: string | null
  /** The server's function that says it, in whatever language. */
  readonly routine: string | null

  constructor(fields: ReadonlyMap<string, string>) {
    super(fields.get('M') ?? 'unknown error')
    this.name = 'ServerError'
    this.code = fields.get('C') ?? ''
    this.severity = fields.get('V') ?? fields.get('S') ?? 'ERROR'
    this.detail = fields.get('D') ?? null
    this.hint = fields.get('H') ?? null
    this.routine = fields.get('R') ?? null
  }
}

/** Reads the body of an ErrorResponse or NoticeResponse: a letter, a text, a zero byte; a zero byte ends the list. */
export function readServerError(bytes: Buffer, start: number, end: number): ServerError {
  const fields = new Map<string, string>()
  let at = start
  while (at < end && bytes[at] !== 0) {
    const zero = bytes.indexOf(0, at + 1)
    const textEnd = zero < 0 || zero > end ? end : zero
    fields.set(String.fromCharCode(bytes[at]!), bytes.toString('utf8', at + 1, textEnd))
    at = textEnd + 1
  }
  return new ServerError(fields)
}
