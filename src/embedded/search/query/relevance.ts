import type { FoundField } from '../mapping/mapping.ts'
import type { TermStatistics } from './query-context.ts'

// BM25 with the parameters of Lucene, rounded to 32 bits where Lucene rounds: scores come out equal to the last digit.
const { fround } = Math
const K1 = fround(1.2)
const B = 0.75

/** What a term can score at most: the rarer, the more. */
export function maximumScore(
  statistics: TermStatistics,
  { found, term, boost }: { found: FoundField; term: string; boost: number },
): number {
  const { documents } = statistics.field(found)
  const frequency = Math.min(statistics.documentFrequency(term), documents)
  const rarity = fround(Math.log(1 + (documents - frequency + 0.5) / (frequency + 0.5)))
  return fround(fround(boost * fround(K1 + 1)) * rarity)
}

/** The part of `maximum` that `frequency` occurrences in a text of `length` tokens make. */
export function termScore(
  maximum: number,
  frequency: number,
  { length, averageLength }: { length: number; averageLength: number },
): number {
  const relativeLength = fround(fround(B * length) / fround(Math.max(averageLength, 1)))
  const damping = fround(1 / fround(K1 * fround(1 - B + relativeLength)))
  return fround(maximum - fround(maximum / fround(1 + fround(frequency * damping))))
}
