import type { FoundField } from '../mapping/mapping.ts'
import type { TermStatistics } from './query-context.ts'

// BM25 with the parameters of Lucene.
const K1 = 1.2
const B = 0.75

/** How much one occurrence of a rare term is worth more than that of a common one. */
export function inverseDocumentFrequency(
  statistics: TermStatistics,
  found: FoundField,
  term: string,
): number {
  const { documents } = statistics.field(found)
  const frequency = Math.min(statistics.documentFrequency(term), documents)
  return Math.log(1 + (documents - frequency + 0.5) / (frequency + 0.5))
}

/** What `frequency` occurrences in a text of `length` tokens count, of at most 2.2. */
export function termWeight(frequency: number, length: number, averageLength: number): number {
  return ((K1 + 1) * frequency) / (frequency + K1 * (1 - B + (B * length) / Math.max(averageLength, 1)))
}
