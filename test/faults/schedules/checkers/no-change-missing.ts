import type { CommittedChange, History, Violation } from '../history.ts'
import { identities, nameOf, rowStories, type RowStory } from '../row-story.ts'

/** Every committed change is in the topic, or a snapshot shows its row as that change or a later one left it. */
export function noChangeMissing(history: History): Violation[] {
  const truncates = history.of('change').filter(({ op }) => op === 't')
  const begun = firstStreamed(history)
  return rowStories(history).flatMap((story) => {
    const shown = new Set(identities(story.streamed))
    const names = identities(story.changes)
    const read = lastRead(story)
    const isUnseen = story.streamed.length === 0 && story.read.length === 0
    return story.changes.flatMap((change, i): Violation[] => {
      if (shown.has(names[i]!) || i <= read || history.isInGap(change.seq)) return []
      const start = begun.get(story.table) ?? Infinity
      // What came and went before the snapshot leaves no trace.
      if (change.op === 't' && change.seq < start) return []
      if (isUnseen && isGoneBefore(start, { change, story, truncates })) return []
      const what = `${change.op} (${names[i]}, xid ${change.xid}, noted as ${change.seq}) is not in the topic`
      return [{ checker: 'no committed change is missing', where: nameOf(story), what }]
    })
  })
}

/** The note of the first change of each table that was streamed. */
function firstStreamed(history: History): Map<string, number> {
  const first = new Map<string, number>()
  for (const { table, changes, streamed } of rowStories(history)) {
    const shown = new Set(identities(streamed))
    const names = identities(changes)
    const change = changes.find((_, i) => shown.has(names[i]!))
    if (change !== undefined) first.set(table, Math.min(first.get(table) ?? Infinity, change.seq))
  }
  return first
}

/** The place among the row's changes of the last that a snapshot shows; -1: none. */
function lastRead({ changes, read }: RowStory): number {
  const versions = new Set(read.map(({ version }) => version))
  return changes.findLastIndex(({ version }) => version !== null && versions.has(version))
}

function isGoneBefore(
  seq: number,
  of: {
    readonly change: CommittedChange
    readonly story: RowStory
    readonly truncates: readonly CommittedChange[]
  },
): boolean {
  const { change, story, truncates } = of
  const removals = [...story.changes.filter(({ op }) => op === 'd'), ...truncates.filter(({ table }) => table === story.table)] // prettier-ignore
  return removals.some((removal) => removal.seq >= change.seq && removal.seq < seq)
}
