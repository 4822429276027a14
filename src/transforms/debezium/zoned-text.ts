import { DataError } from '../../api/errors.ts'

const TIMESTAMP =
  /^([+-]?\d{4,})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d(?::\d\d)?)$/
const TIME = /^(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d(?::\d\d)?)$/
const MS_PER_DAY = 86_400_000

/** A text such as `2024-01-02T03:04:05.6Z` with the offset that `offsetAt` gives for the time that it shows. */
export function moveTimestampText(text: string, offsetAt: (localMs: number) => number): string {
  const match = TIMESTAMP.exec(text)
  if (match === null) throw unreadable(text)
  const [, year, month, day, hours, minutes, seconds = '0', fraction = '', zone = 'Z'] = match
  const local = new Date(0)
  local.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  local.setUTCHours(Number(hours), Number(minutes), Number(seconds))
  const offset = offsetAt(local.getTime())
  const iso = new Date(local.getTime() + (offset - offsetOf(zone)) * 1000).toISOString()
  return iso.slice(0, iso.indexOf('.')) + fractionText(fraction) + offsetText(offset)
}

/** The same for a text such as `03:04:05.6Z`. */
export function moveTimeText(text: string, offset: number): string {
  const match = TIME.exec(text)
  if (match === null) throw unreadable(text)
  const [, hours, minutes, seconds = '0', fraction = '', zone = 'Z'] = match
  const ms = Date.UTC(1970, 0, 1, Number(hours), Number(minutes), Number(seconds))
  const moved = (((ms + (offset - offsetOf(zone)) * 1000) % MS_PER_DAY) + MS_PER_DAY) % MS_PER_DAY
  return new Date(moved).toISOString().slice(11, 19) + fractionText(fraction) + offsetText(offset)
}

function fractionText(digits: string): string {
  const kept = digits.replace(/0+$/, '')
  return kept === '' ? '' : `.${kept}`
}

function offsetOf(zone: string): number {
  if (zone === 'Z') return 0
  const [hours = 0, minutes = 0, seconds = 0] = zone.slice(1).split(':').map(Number)
  const value = hours * 3600 + minutes * 60 + seconds
  return zone.startsWith('-') ? -value : value
}

function offsetText(offset: number): string {
  if (offset === 0) return 'Z'
  const text = new Date(Math.abs(offset) * 1000).toISOString().slice(11, 19)
  return (offset < 0 ? '-' : '+') + (text.endsWith(':00') ? text.slice(0, 5) : text)
}

function unreadable(text: string): DataError {
  return new DataError('connect.data-invalid', `Text '${text}' could not be parsed as a time with an offset`)
}
