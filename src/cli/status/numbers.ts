const UNKNOWN = '-'
const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const

export function countText(value: number | null): string {
  return value === null ? UNKNOWN : Math.round(value).toLocaleString('en')
}

/** Slow ones are not rounded to nothing. */
export function rateText(value: number | null): string {
  return value !== null && value > 0 && value < 10 ? value.toFixed(1) : countText(value)
}

export function bytesText(value: number | null): string {
  if (value === null) return UNKNOWN
  const power = value < 1 ? 0 : Math.min(Math.floor(Math.log2(value) / 10), BYTE_UNITS.length - 1)
  const scaled = value / 1024 ** power
  return `${power === 0 || scaled >= 100 ? Math.round(scaled) : scaled.toFixed(1)} ${BYTE_UNITS[power]}`
}

export function durationText(ms: number | null): string {
  if (ms === null) return UNKNOWN
  if (ms < 1000) return `${Math.round(ms)} ms`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${(ms / 1000).toFixed(1)} s`
  const minutes = Math.floor(seconds / 60)
  return minutes < 60
    ? `${minutes} min ${seconds % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
