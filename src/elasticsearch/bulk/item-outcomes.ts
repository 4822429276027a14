import type { BulkBody } from './bulk-body.ts'
import type { ItemVerdict } from './bulk-response.ts'
import { describeFailure } from '../client/elasticsearch-error.ts'
import type { RetryCause } from './request-outcome.ts'

export type RefusedVerdict = Extract<ItemVerdict, { kind: 'malformed' | 'exists' | 'fatal' }>

/** What to do with an item that cannot be stored: other lines to send in its place, or null. Throws to fail the task. */
export type RefusedItem = (body: BulkBody, item: number, verdict: RefusedVerdict) => Promise<Buffer | null>

/** The winner's mapping is there when the loser is told, but each new field of a document can be lost to another one. */
const MOST_MAPPING_RACES = 10

/** The items that a body goes on with. */
export interface RemainingItems {
  /** In rising order. */
  readonly kept: number[]
  /** Those that found no index. */
  readonly missing: number[]
  readonly replacements: Map<number, Buffer>
  /** Why some have to wait; null: all can be sent at once. */
  retry: RetryCause | null
}

/** Marks the items that are done, and says which are left. @param verdicts of the first items: those that were sent */
export async function remainingItems(
  body: BulkBody,
  verdicts: readonly ItemVerdict[],
  refused: RefusedItem,
): Promise<RemainingItems> {
  const remaining: RemainingItems = { kept: [], missing: [], replacements: new Map(), retry: null }
  const { kept, missing, replacements } = remaining
  const retriedIds = new Set<string>()
  const mayRace = body.mappingRaces < MOST_MAPPING_RACES
  let hasRaced = false
  for (let item = 0; item < body.count; item++) {
    const id = body.orderedIdOf(item)
    const verdict = verdicts[item]
    if (verdict === undefined) kept.push(item)
    else if (verdict.kind === 'retry' || verdict.kind === 'index-missing') {
      remaining.retry ??= { cause: verdict.failure.type, reason: describeFailure(verdict.failure) }
      if (verdict.kind === 'index-missing') missing.push(item)
      if (id !== null) retriedIds.add(id)
      kept.push(item)
    } else if (verdict.kind === 'mapping-race' && mayRace) {
      hasRaced = true
      if (id !== null) retriedIds.add(id)
      kept.push(item)
    } else if (id !== null && retriedIds.has(id)) {
      // An older item of this document is sent again, so this one has to follow it again.
      kept.push(item)
    } else {
      const refusal = refusalOf(verdict)
      if (refusal !== null) {
        const replacement = await refused(body, item, refusal)
        if (replacement !== null) {
          replacements.set(item, replacement)
          if (id !== null) retriedIds.add(id)
          kept.push(item)
          continue
        }
      }
      body.done(item)
    }
  }
  body.mappingRaces = hasRaced ? body.mappingRaces + 1 : 0
  return remaining
}

/** Null: the item is done. */
function refusalOf(verdict: ItemVerdict): RefusedVerdict | null {
  if (verdict.kind === 'mapping-race') return { kind: 'malformed', failure: verdict.failure }
  const isRefused = verdict.kind === 'malformed' || verdict.kind === 'exists' || verdict.kind === 'fatal'
  return isRefused ? verdict : null
}
