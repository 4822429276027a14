const FIXED = /^([+-])(\d\d):(\d\d)(?::(\d\d))?$/
const NAMED = /^GMT(?:([+-])(\d{1,2}):?(\d\d)?(?::(\d\d))?)?$/
const MS_PER_DAY = 86_400_000

/** The offsets from UTC of a time zone, `America/Los_Angeles` or `+08:00`, in seconds. */
export class ZoneOffset {
  readonly #fixed: number | null
  readonly #format: Intl.DateTimeFormat | null

  /** Throws `RangeError` for a zone that is not known. */
  constructor(zone: string) {
    this.#fixed = FIXED.test(zone) ? seconds(FIXED.exec(zone)!) : null
    this.#format =
      this.#fixed === null
        ? new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
        : null
  }

  /** At a moment, in milliseconds since 1970. */
  at(ms: number): number {
    if (this.#fixed !== null) return this.#fixed
    const parts = this.#format!.formatToParts(ms)
    const name = parts.find(({ type }) => type === 'timeZoneName')!.value
    return seconds(NAMED.exec(name)!)
  }

  /**
   * When clocks there show a time, given as if it were UTC. Where they skip or repeat it, the offset from before the
   * change holds, as in `ZoneRules.getOffset`.
   */
  atLocal(ms: number): number {
    const before = this.at(ms - MS_PER_DAY)
    const after = this.at(ms + MS_PER_DAY)
    if (before === after || this.at(ms - before * 1000) === before) return before
    return this.at(ms - after * 1000) === after ? after : before
  }
}

function seconds([, sign, hours = '0', minutes = '0', rest = '0']: readonly (string | undefined)[]): number {
  const value = Number(hours) * 3600 + Number(minutes) * 60 + Number(rest)
  return sign === '-' ? -value : value
}
