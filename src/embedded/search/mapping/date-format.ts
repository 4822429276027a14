import { compileDatePattern, type DateParser, type ParsedDate } from './date-pattern.ts'

export const DEFAULT_DATE_FORMAT = 'strict_date_optional_time||epoch_millis'

const OPTIONAL_TIME = "yyyy[-MM[-dd['T'[HH[:mm[:ss[.S][,S]]]][XXX]]]]"

/** The formats that have a name. `strict_` makes no difference: the patterns are strict. */
const NAMED: ReadonlyMap<string, string> = new Map([
  ['date_optional_time', OPTIONAL_TIME],
  ['date_optional_time_nanos', OPTIONAL_TIME],
  ['date_time', "yyyy-MM-dd'T'HH:mm:ss.SXXX"],
  ['date_time_no_millis', "yyyy-MM-dd'T'HH:mm:ssXXX"],
  ['date_hour_minute_second', "yyyy-MM-dd'T'HH:mm:ss"],
  ['date_hour_minute_second_millis', "yyyy-MM-dd'T'HH:mm:ss.S"],
  ['date', 'yyyy-MM-dd'],
  ['year_month_day', 'yyyy-MM-dd'],
  ['year_month', 'yyyy-MM'],
  ['year', 'yyyy'],
  ['basic_date', 'yyyyMMdd'],
  ['basic_date_time', "yyyyMMdd'T'HHmmss.SX"],
  ['basic_date_time_no_millis', "yyyyMMdd'T'HHmmssX"],
  ['hour_minute_second', 'HH:mm:ss'],
])

function epoch(millisPerUnit: number): DateParser {
  return (text) => {
    if (!/^-?\d{1,19}(?:\.\d{0,9})?$/.test(text)) return undefined
    const ms = Math.floor(Number(text) * millisPerUnit)
    return { ms, lastMs: ms }
  }
}

const parsers = new Map<string, DateParser>([
  ['epoch_millis', epoch(1)],
  ['epoch_second', epoch(1_000)],
])

function parserOf(name: string): DateParser {
  let parser = parsers.get(name)
  if (parser === undefined) {
    parser = compileDatePattern(NAMED.get(name.replace(/^strict_/, '')) ?? name)
    // Patterns come from users: what they make must not stay for ever.
    if (parsers.size < 1_000) parsers.set(name, parser)
  }
  return parser
}

/** Alternatives parted by `||`, tried in turn. Throws a RangeError for a pattern that it cannot read. */
export class DateFormat {
  readonly text: string
  readonly #parsers: readonly DateParser[]

  constructor(text: string) {
    this.text = text
    this.#parsers = text.split('||').map(parserOf)
  }

  parse(text: string): ParsedDate | undefined {
    for (const parser of this.#parsers) {
      const date = parser(text)
      if (date !== undefined) return date
    }
    return undefined
  }
}
