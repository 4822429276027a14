interface CalendarDate {
  readonly year: number
  /** From 1. */
  readonly month: number
  readonly day: number
}

/** 1582-10-15, the first day of the Gregorian calendar, in days since 1970. */
const GREGORIAN_SINCE = -141_427
/** 0000-03-01 of the Julian calendar. */
const JULIAN_EPOCH = -719_470
const GREGORIAN_EPOCH = -719_468

/** As `java.util.GregorianCalendar` has it: Julian before 1582-10-15. Years before 1 are 0, -1, …. */
export function calendarDate(daysSince1970: number): CalendarDate {
  const isGregorian = daysSince1970 >= GREGORIAN_SINCE
  // Years begin in March here, so that the day that may be missing is the last.
  const days = daysSince1970 - (isGregorian ? GREGORIAN_EPOCH : JULIAN_EPOCH)
  let year: number
  let dayOfYear: number
  if (isGregorian) {
    const era = Math.floor(days / 146_097)
    const dayOfEra = days - era * 146_097
    const yearOfEra = Math.floor(
      (dayOfEra -
        Math.floor(dayOfEra / 1460) +
        Math.floor(dayOfEra / 36_524) -
        Math.floor(dayOfEra / 146_096)) /
        365,
    )
    year = era * 400 + yearOfEra
    dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  } else {
    const cycle = Math.floor(days / 1461)
    const dayOfCycle = days - cycle * 1461
    const yearOfCycle = Math.min(3, Math.floor(dayOfCycle / 365))
    year = cycle * 4 + yearOfCycle
    dayOfYear = dayOfCycle - yearOfCycle * 365
  }
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
  return { year: month <= 2 ? year + 1 : year, month, day }
}

/** The way back; null for what is no day of the calendar. */
export function daysOfDate(date: CalendarDate): number | null {
  const { year, month, day } = date
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > 31) return null
  const fromMarch = month > 2 ? month - 3 : month + 9
  const marchYear = month > 2 ? year : year - 1
  const dayOfYear = Math.floor((153 * fromMarch + 2) / 5) + day - 1
  const julian = JULIAN_EPOCH + marchYear * 365 + Math.floor(marchYear / 4) + dayOfYear
  const leapless = Math.floor(marchYear / 100) - Math.floor(marchYear / 400)
  const gregorian = GREGORIAN_EPOCH + marchYear * 365 + Math.floor(marchYear / 4) - leapless + dayOfYear
  const days = gregorian >= GREGORIAN_SINCE ? gregorian : julian
  const same = calendarDate(days)
  return same.year === year && same.month === month && same.day === day ? days : null
}
