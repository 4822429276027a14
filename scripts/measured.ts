import { readFileSync } from 'node:fs'

/** A figure, or the least and the most of several runs. */
type Range = readonly [number] | readonly [least: number, most: number]

interface Figure {
  readonly name: string
  readonly unit: string
  readonly tailrace: Range
  readonly reference: Range
  readonly ceiling?: Range
  readonly ceilingOf?: string
}

export interface Rate extends Figure {
  /** What the machine did in the same run without either: the end of the scale. */
  readonly ceiling: Range
  readonly ceilingOf: string
}

interface Measured {
  readonly rates: readonly Rate[]
  readonly others: readonly Figure[]
}

/** `docs/measured.json`: what was measured, by hand, on a quiet machine. */
export function measured(): Measured {
  return JSON.parse(readFileSync(new URL('../docs/measured.json', import.meta.url), 'utf8')) as Measured
}

/** The table of `docs/comparison.md`. */
export function measuredTable({ rates, others }: Measured): string {
  const figures: readonly Figure[] = [...rates, ...others]
  const rows = figures.map(({ name, unit, tailrace, reference, ceiling, ceilingOf }) => {
    const end = ceiling === undefined ? '' : `${shown(ceiling)} (${ceilingOf})`
    return `| ${name}, ${unit} | ${shown(tailrace)} | ${shown(reference)} | ${end} |`
  })
  return `| | tailrace | Kafka Connect, Debezium, Confluent's sink | ceiling |\n|---|---|---|---|\n${rows.join('\n')}\n`
}

export function shown(range: readonly number[]): string {
  return range.map((number) => number.toLocaleString('en-US')).join(' to ')
}
