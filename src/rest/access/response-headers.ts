import { ConfigError } from '../../api/errors.ts'

/** A header that answers get. */
export interface ResponseHeader {
  readonly name: string
  /** `now`: the moment of the answer, as HTTP writes it, so many milliseconds on. */
  readonly value: string | { readonly offsetMs: number }
  readonly isAdded: boolean
}

/**
 * `response.http.headers.config`: `set X-Frame-Options: DENY, "add Cache-Control: no-cache, no-store"`; the actions are
 * set, add, setDate and addDate. Throws `ConfigError`.
 */
export function parseResponseHeaders(text: string): readonly ResponseHeader[] {
  return entriesOf(text).map((entry) => {
    const match = /^(set|add|setDate|addDate)\s+([\w!#$%&'*+.^`|~-]+)\s*:\s*([\t\x20-\x7e]*)$/i.exec(entry)
    if (match === null) throw invalid(entry, 'it must be [set|add|setDate|addDate] NAME: VALUE')
    const [, action, name, value] = match
    const isAdded = /^add/i.test(action!)
    if (!/date$/i.test(action!)) return { name: name!, value: value!.trim(), isAdded }
    if (!/^-?\d{1,15}$/.test(value!.trim())) throw invalid(entry, 'a date needs a number of milliseconds')
    return { name: name!, value: { offsetMs: Number(value) }, isAdded }
  })
}

/** The text of a header at a moment. */
export function headerValue({ value }: ResponseHeader, nowMs: number): string {
  return typeof value === 'string' ? value : new Date(nowMs + value.offsetMs).toUTCString()
}

/** Separated by commas; an entry with commas of its own stands in quotes. */
function entriesOf(text: string): readonly string[] {
  return [...text.matchAll(/\s*(?:"([^"]*)"|([^,]+))\s*(?:,|$)/g)]
    .map(([, quoted, plain]) => (quoted ?? plain ?? '').trim())
    .filter((entry) => entry !== '')
}

function invalid(entry: string, reason: string): ConfigError {
  return new ConfigError(
    'connect.config-invalid',
    `Invalid value ${entry} for configuration response.http.headers.config: ${reason}`,
  )
}
