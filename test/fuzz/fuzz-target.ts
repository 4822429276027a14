/** Something that reads what others send. */
export interface FuzzTarget {
  /** Beside those of `corpus/<name>.txt`. */
  readonly seeds: readonly Buffer[]
  readonly words: readonly string[]
  readonly mostBytes?: number
  /**
   * Reads an input, and throws where something is wrong: what no parser may throw, or an answer that is not what a
   * plainer way of reading gives. The bytes are used again after it.
   */
  run(input: Buffer): void | Promise<void>
  close?(): Promise<void>
}

export const FUZZ_TARGETS = {
  frames: () => import('./targets/frames.ts'),
  pgoutput: () => import('./targets/pgoutput.ts'),
  replication: () => import('./targets/replication.ts'),
  'copy-rows': () => import('./targets/copy-rows.ts'),
  json: () => import('./targets/json.ts'),
  'kafka-batches': () => import('./targets/kafka-batches.ts'),
  segments: () => import('./targets/segments.ts'),
  properties: () => import('./targets/properties.ts'),
  signals: () => import('./targets/signals.ts'),
  rest: () => import('./targets/rest.ts'),
} satisfies Readonly<Record<string, () => Promise<{ open(): Promise<FuzzTarget> }>>>

export type FuzzTargetName = keyof typeof FUZZ_TARGETS
