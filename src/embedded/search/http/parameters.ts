import { illegalArgument } from '../search-error.ts'

/** Every request takes these; they shape the answer, not the work. */
const COMMON = ['pretty', 'human', 'error_trace', 'filter_path', 'format']

/** The query string. */
export class Parameters {
  readonly #path: string
  readonly #values: ReadonlyMap<string, string>

  constructor(path: string, query: string) {
    this.#path = path
    this.#values = new Map(new URLSearchParams(query))
  }

  text(name: string): string | undefined {
    return this.#values.get(name)
  }

  /** A parameter without a value is true, as in `?pretty`. */
  flag(name: string, byDefault = false): boolean {
    const text = this.text(name)
    if (text === undefined) return byDefault
    if (text === '' || text === 'true') return true
    if (text === 'false') return false
    throw illegalArgument(`Failed to parse value [${text}] as only [true] or [false] are allowed.`)
  }

  integer(name: string): number | undefined {
    const text = this.text(name)
    if (text === undefined) return undefined
    if (!/^[+-]?\d{1,10}$/.test(text)) {
      throw illegalArgument(`Failed to parse int parameter [${name}] with value [${text}]`, {
        type: 'number_format_exception',
        reason: `For input string: "${text}"`,
      })
    }
    return Number(text)
  }

  list(name: string): string[] | undefined {
    return this.text(name)
      ?.split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '')
  }

  /** Called before anything is done: a misspelt parameter must not be ignored in silence. */
  refuseUnknown(known: readonly string[]): void {
    const unknown = [...this.#values.keys()].filter((name) => !known.includes(name) && !COMMON.includes(name))
    if (unknown.length === 0) return
    const noun = unknown.length === 1 ? 'unrecognized parameter' : 'unrecognized parameters'
    const names = unknown.map((name) => `[${name}]`).join(', ')
    throw illegalArgument(`request [${this.#path}] contains ${noun}: ${names}`)
  }
}
