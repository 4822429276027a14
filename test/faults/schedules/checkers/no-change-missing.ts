import type { Commit, CommittedChange, History, ShownRecord, Violation } from '../history.ts'
import { identities, nameOf, rowStories, type RowStory } from '../row-story.ts'

/** Every committed change is in the topic, or a snapshot shows its row as that change or a later one left it. */
export function noChangeMissing(history: History): Violation[] {
  const order = new CommitOrder(history)
  const truncates = history.of('change').filter(({ op }) => op === 't')
  const begun = firstStreamed(history)
  const late = readBesideStream(history)
  return rowStories(history).flatMap((story) => {
    const shown = new Set(identities(story.streamed))
    const names = identities(story.changes)
    const read = lastRead(story)
    const isUnseen = story.streamed.length === 0 && story.read.length === 0
    const start = begun.get(story.table) ?? null
    const isBefore = (change: CommittedChange): boolean => start === null || order.mayBeBefore(change, start)
    const removals = [...story.changes.filter(({ op }) => op === 'd'), ...truncates.filter(({ table }) => table === story.table)] // prettier-ignore
    return story.changes.flatMap((change, i): Violation[] => {
      if (shown.has(names[i]!) || i <= read || history.isInGap(change.seq)) return []
      // What came and went before the snapshot leaves no trace.
      if (change.op === 't' && isBefore(change)) return []
      const later = removals.filter(({ seq }) => seq >= change.seq)
      if (isUnseen && later.some(isBefore)) return []
      // A table that is read while it is streamed already: a row that is changed or goes in between is told from then on.
      const isTold =
        later.length > 0 || story.changes.some((_, after) => after > i && shown.has(names[after]!))
      if (late.has(story.table) && isBefore(change) && isTold) return []
      const what = `${change.op} (${names[i]}, xid ${change.xid}, noted as ${change.seq}) is not in the topic`
      return [{ checker: 'no committed change is missing', where: nameOf(story), what }]
    })
  })
}

/** The stream has transactions in the order of their commits; notes are in the order of statements, and say less. */
class CommitOrder {
  readonly #commits: ReadonlyMap<number, Commit>

  constructor(history: History) {
    this.#commits = new Map(history.of('commit').map((commit) => [commit.xid, commit]))
  }

  /** As far as it is known: of two that were committed at about the same time, each may be before the other. */
  mayBeBefore(one: CommittedChange, other: CommittedChange): boolean {
    if (one.xid === other.xid) return false
    const [commit, otherCommit] = [this.#commits.get(one.xid), this.#commits.get(other.xid)]
    if (commit === undefined || otherCommit === undefined) return one.seq < other.seq
    return commit.afterLsn < (otherCommit.lsn ?? Infinity)
  }
}

/** The change of each table that was streamed first. */
function firstStreamed(history: History): ReadonlyMap<string, CommittedChange> {
  const first = new Map<string, { readonly change: CommittedChange; readonly offset: number }>()
  for (const { table, changes, streamed } of rowStories(history)) {
    const names = identities(changes)
    const shown = identities(streamed)
    for (const [i, { offset }] of streamed.entries()) {
      const change = changes[names.indexOf(shown[i]!)]
      if (change === undefined || offset >= (first.get(table)?.offset ?? Infinity)) continue
      first.set(table, { change, offset })
    }
  }
  return new Map([...first].map(([table, { change }]) => [table, change]))
}

/** Tables that were made meanwhile, and all of them where a snapshot was interrupted. */
function readBesideStream(history: History): ReadonlySet<string> {
  const first = new Map<string, ShownRecord>()
  const late = new Set<string>()
  const isResumed = history.of('resumed').length > 0
  for (const record of history.of('record')) {
    const before = first.get(record.table)
    if (before === undefined || record.offset < before.offset) first.set(record.table, record)
    if (isResumed || record.isIncremental === true) late.add(record.table)
  }
  for (const [table, { op }] of first) if (op !== 'r') late.add(table)
  return late
}

/** The place among the row's changes of the last that a snapshot shows; -1: none. */
function lastRead({ changes, read }: RowStory): number {
  const versions = new Set(read.map(({ version }) => version))
  return changes.findLastIndex(({ version }) => version !== null && versions.has(version))
}
