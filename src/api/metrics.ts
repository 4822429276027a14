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
  readonly type: 'counter' | 'gauge'
  readonly help: string
  /**
   * `age`: the number is a moment in milliseconds since 1970, and how many milliseconds ago that was is shown (-1 while
   * it is 0). Nothing has to be counted on while nothing happens.
   */
  readonly shownAs?: 'age'
}

/** The numbers of a group: all are 0 at first. Cheap enough for every batch, not meant for every record. */
export interface Metrics<N extends string> {
  set(name: N, value: number): void
  add(name: N, count?: number): void
}
