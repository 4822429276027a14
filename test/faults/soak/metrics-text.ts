/** A histogram of `/metrics`, of all its labels together: how many values were not above each bound. */
export type Histogram = ReadonlyMap<number, number>

/** The sum of a metric's values over its labels; 0 where there is none. */
export function metricSum(text: string, name: string): number {
  return [...linesOf(text, name)].reduce((sum, { value }) => sum + value, 0)
}

/** Throws where there is none of that name. */
export function histogramOf(text: string, name: string): Histogram {
  const counts = new Map<number, number>()
  for (const { labels, value } of linesOf(text, `${name}_bucket`)) {
    const bound = Number(/le="([^"]*)"/.exec(labels)![1]!.replace('+Inf', 'Infinity'))
    counts.set(bound, (counts.get(bound) ?? 0) + value)
  }
  if (counts.size === 0) throw new Error(`/metrics has no histogram ${name}`)
  return counts
}

/** The value that this share of what was seen between two looks is not above, within a bucket as if spread evenly. */
export function percentileBetween(before: Histogram, after: Histogram, share: number): number {
  const bounds = [...after.keys()].sort((a, b) => a - b)
  const upTo = (bound: number): number => after.get(bound)! - (before.get(bound) ?? 0)
  const wanted = upTo(bounds.at(-1)!) * share
  let [lower, below] = [0, 0]
  for (const bound of bounds) {
    const count = upTo(bound)
    if (count >= wanted && count > below) {
      // Nothing is known of what is above the last bound.
      return bound === Infinity ? lower : lower + ((bound - lower) * (wanted - below)) / (count - below)
    }
    ;[lower, below] = [bound, count]
  }
  return NaN
}

function* linesOf(text: string, name: string): Generator<{ labels: string; value: number }> {
  for (const line of text.split('\n')) {
    if (!line.startsWith(name)) continue
    const [, labels, value] = /^(\{.*\})? ([^ ]+)/.exec(line.slice(name.length)) ?? []
    if (value !== undefined) yield { labels: labels ?? '', value: Number(value) }
  }
}
