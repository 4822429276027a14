import { call, pathOf } from '../api/client.ts'

/** Text, null, or bytes that are no text. */
export type Content = string | null | { readonly base64: string }

export interface TopicRecord {
  readonly partition: number
  readonly offset: number | bigint
  readonly timestamp: number
  readonly key: Content
  readonly value: Content
  readonly headers: readonly (readonly [name: string, value: Content])[]
  readonly cut?: boolean
}

export interface TopicDescription {
  readonly name: string
  readonly partitions: readonly {
    readonly partition: number
    readonly start_offset: number | bigint
    readonly end_offset: number | bigint
  }[]
}

interface Place {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
}

export async function readRecords(
  { topic, partition, offset }: Place,
  limit: number,
): Promise<readonly TopicRecord[]> {
  const query = `partition=${partition}&offset=${offset}&limit=${limit}`
  const path = `${pathOf('topics', topic)}/records?${query}`
  return (await call<{ readonly records: readonly TopicRecord[] }>('GET', path)).records
}

export async function offsetAt(topic: string, partition: number, timestampMs: number): Promise<bigint> {
  const path = `${pathOf('topics', topic)}/offset?partition=${partition}&timestamp=${timestampMs}`
  return BigInt((await call<{ readonly offset: number | bigint }>('GET', path)).offset)
}

/** Records with a key, as far as one call looks. */
export async function matchesFrom(
  { topic, partition, offset }: Place,
  key: string,
): Promise<{ readonly records: readonly TopicRecord[]; readonly next: bigint; readonly isAtEnd: boolean }> {
  const query = new URLSearchParams({ partition: String(partition), offset: String(offset), key })
  const answer = await call<{
    readonly records: readonly TopicRecord[]
    readonly next_offset: number | bigint
    readonly at_end: boolean
  }>('GET', `${pathOf('topics', topic)}/matches?${query}`)
  return { records: answer.records, next: BigInt(answer.next_offset), isAtEnd: answer.at_end }
}
