/**
 * A group of numbers that a task reports and `/metrics` shows: `<prefix><name>{<labels>}`. The worker adds no label of its
 * own; a group with the same prefix and labels takes the place of the one before.
 */
export interface MetricGroup<N extends string> {
  readonly prefix: string
  readonly labels: Readonly<Record<string, string>>
  readonly metrics: Readonly<Record<N, MetricDefinition>>
}

export interface MetricDefinition {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  /** The upper bounds of a histogram's buckets, rising. */
  readonly buckets?: readonly number[]
  /**
   * `age`: the number is a moment in milliseconds since 1970, and how many milliseconds ago that was is shown (-1 while
   * it is 0). Nothing has to be counted on while nothing happens.
   */
  readonly shownAs?: 'age'
}

/** Bounds of a histogram of latencies in seconds: from a row that arrives at once to a backlog of hours. */
export const LATENCY_BUCKETS: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200,
]

/** A gauge for each name, with what it tells. */
export function gauges<N extends string>(
  helps: Readonly<Record<N, string>>,
): Readonly<Record<N, MetricDefinition>> {
  const entries = Object.entries<string>(helps).map(([name, help]) => [name, { type: 'gauge', help }])
  return Object.fromEntries(entries) as Record<N, MetricDefinition>
}

/** The numbers of a group: all are 0 at first. Cheap enough for every batch, not meant for every record. */
export interface Metrics<N extends string> {
  set(name: N, value: number): void
  add(name: N, count?: number): void
  /** Of a histogram. @param count how many times the value was seen */
  observe(name: N, value: number, count?: number): void
}
