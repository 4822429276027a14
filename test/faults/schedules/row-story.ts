import type { CommittedChange, History, ShownRecord } from './history.ts'

/** What happened to one row (or with key null to its table as a whole), and what the topic says of it. */
export interface RowStory {
  readonly table: string
  readonly key: number | null
  /** In the order of commits. */
  readonly changes: readonly CommittedChange[]
  /** Streamed records, in the order of offsets. */
  readonly streamed: readonly ShownRecord[]
  /** Records of snapshots. */
  readonly read: readonly ShownRecord[]
}

/** The stories of all rows that anything is known of. */
export function rowStories(history: History): RowStory[] {
  const stories = new Map<string, { -readonly [Field in keyof RowStory]: RowStory[Field] extends readonly (infer Item)[] ? Item[] : RowStory[Field] }>() // prettier-ignore
  const storyOf = ({ table, key }: Pick<RowStory, 'table' | 'key'>) => {
    const id = `${table} ${key}`
    let story = stories.get(id)
    if (story === undefined) stories.set(id, (story = { table, key, changes: [], streamed: [], read: [] }))
    return story
  }
  for (const change of history.of('change')) if (change.op !== 'ddl') storyOf(change).changes.push(change)
  for (const record of history.of('record')) {
    const story = storyOf(record)
    if (record.op === 'r') story.read.push(record)
    else story.streamed.push(record)
  }
  for (const { changes } of stories.values()) changes.sort((a, b) => a.seq - b.seq)
  return [...stories.values()]
}

/**
 * Names each of a row's changes the same way as its record. A version is given once; what has none (a row or all rows
 * of a table are gone) goes by its transaction, and its place among those of the transaction.
 */
export function identities(
  changes: readonly { readonly op: string; readonly version: number | null; readonly xid: number }[],
): string[] {
  const removals = new Map<string, number>()
  return changes.map(({ op, version, xid }) => {
    if (op !== 'd' && op !== 't') return `version ${version}`
    const removal = `${op === 'd' ? 'delete' : 'truncate'} by transaction ${xid}`
    const count = (removals.get(removal) ?? 0) + 1
    removals.set(removal, count)
    return count === 1 ? removal : `${removal}, number ${count}`
  })
}

export function nameOf({ table, key }: Pick<RowStory, 'table' | 'key'>): string {
  return key === null ? `table ${table}` : `table ${table}, key ${key}`
}
