import type { History, SlotSample, Violation } from '../history.ts'
import { nameOf } from '../row-story.ts'

const CHECKER = 'offsets are never ahead of the data'

/** The slot was not moved past changes before they were in the topics, nor the sink's offset before they were in the index. */
export function offsetsBehindData(history: History): Violation[] {
  return [...slotAhead(history), ...sinkAhead(history)]
}

function slotAhead(history: History): Violation[] {
  const samples = history.of('slot').toSorted((a, b) => a.confirmedLsn - b.confirmedLsn)
  if (samples.length === 0) return []
  const committedAt = new Map(
    history.of('commit').flatMap(({ xid, lsn }) => (lsn === null ? [] : [[xid, lsn] as const])),
  )
  // Of all the samples that were told to have a transaction, the one that saw least of a topic decides.
  const leastFrom = new Map<string, (SlotSample | null)[]>()
  for (const table of new Set(history.of('record').map(({ table }) => table))) {
    const least: (SlotSample | null)[] = []
    for (let i = samples.length - 1, found: SlotSample | null = null; i >= 0; i--) {
      const sample = samples[i]!
      const end = sample.ends[table]
      if (end !== undefined && (found === null || end < found.ends[table]!)) found = sample
      least[i] = found
    }
    leastFrom.set(table, least)
  }
  return history.of('record').flatMap((record): Violation[] => {
    const lsn = record.op === 'r' ? undefined : committedAt.get(record.xid)
    if (lsn === undefined || history.mayRepeat) return []
    const sample = leastFrom.get(record.table)![firstAtOrAbove(samples, lsn)]
    if (sample === undefined || sample === null || record.offset < sample.ends[record.table]!) return []
    const what = `offset ${record.offset} (xid ${record.xid}, committed before ${lsn}) was not written when the slot stood at ${sample.confirmedLsn} (${sample.at})`
    return [{ checker: CHECKER, where: nameOf(record), what }]
  })
}

function firstAtOrAbove(samples: readonly SlotSample[], lsn: number): number {
  let [low, high] = [0, samples.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (samples[middle]!.confirmedLsn < lsn) low = middle + 1
    else high = middle
  }
  return low
}

function sinkAhead(history: History): Violation[] {
  // As noted: the record of it may have gone with its topic.
  const removed = new Set(
    history
      .of('change')
      .flatMap(({ table, key, op }) => (op === 'd' ? [`${table} ${key}`] : op === 't' ? [table] : [])),
  )
  return history.of('committed').flatMap((sample): Violation[] => {
    const { table, key, version, offset, committed, found, at } = sample
    if (found !== null && found >= version) return []
    if (found === null && (removed.has(`${table} ${key}`) || removed.has(table))) return []
    const what = `offset ${offset} was below the committed ${committed}, and the index had ${found === null ? 'no document' : `version ${found}`} in place of version ${version} (${at})`
    return [{ checker: CHECKER, where: nameOf(sample), what }]
  })
}
