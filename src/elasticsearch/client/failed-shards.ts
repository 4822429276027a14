import { findField } from '../documents/json-walk.ts'
import type { Answer } from './client.ts'
import { cutShort } from './cut-short.ts'

const SHARDS = Buffer.from('_shards')

/** What to say of an answer that not all shards have a part in, or that is cut, although its status is 200; null: it is whole. */
export function failedShards(answer: Answer): string | null {
  const { status, bytes } = answer
  if (status !== 200) return null
  const cut = cutShort(answer)
  if (cut !== null) return cut
  const at = findField(bytes, [0, bytes.length], SHARDS)
  if (at === null) return null
  const { total, failed } = JSON.parse(bytes.toString('utf8', at[0], at[1])) as Shards
  return failed > 0 ? `${failed} of ${total} shards have failed` : null
}

interface Shards {
  readonly total: number
  readonly failed: number
}
