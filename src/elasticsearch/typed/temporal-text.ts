const MS_PER_DAY = 86_400_000

/** `2024-02-29`, of days since 1970; years beyond four digits carry a sign, as ISO 8601 has it. */
export function dateText(days: number): string {
  return new Date(days * MS_PER_DAY).toISOString().split('T')[0]!
}

/**
 * `2024-02-29T12:34:56.789`, of a count of units since 1970 without a zone.
 *
 * @param digits of the fraction of a second that a unit is: 3, 6 or 9
 */
export function timestampText(units: bigint, digits: 3 | 6 | 9): string {
  const perSecond = 10n ** BigInt(digits)
  const fraction = ((units % perSecond) + perSecond) % perSecond
  const seconds = (units - fraction) / perSecond
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, -5)
  return fraction === 0n ? whole : `${whole}.${fractionText(fraction, digits)}`
}

/** `12:34:56.789`, of a count of units since midnight; 24:00:00 is the end of the day. */
export function timeText(units: bigint, digits: 3 | 6 | 9): string {
  const perSecond = 10n ** BigInt(digits)
  const fraction = units % perSecond
  const seconds = Number((units - fraction) / perSecond)
  const part = (value: number) => String(value).padStart(2, '0')
  const text = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(part).join(':')
  return fraction === 0n ? text : `${text}.${fractionText(fraction, digits)}`
}

/** Without zeros at its end. */
function fractionText(fraction: bigint, digits: number): string {
  return String(fraction).padStart(digits, '0').replace(/0+$/, '')
}
