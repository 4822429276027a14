import { createHash } from 'node:crypto'
import type { History, ShownRecord, Violation } from '../history.ts'
import { identities, nameOf, rowStories, type RowStory } from '../row-story.ts'

const CHECKER = 'nothing is shown that was not committed'

/** Every record tells of a committed change (so nothing that was rolled back), and of all of it. */
export function nothingInvented(history: History): Violation[] {
  return rowStories(history).flatMap((story) => {
    const committed = new Set(identities(story.changes))
    const names = identities(story.streamed)
    const strange = story.streamed.flatMap((record, i) => {
      const name = names[i]!
      const base = name.replace(/, number \d+$/, '')
      // A removal more than there were is a repetition, which another checker judges.
      return committed.has(name) || committed.has(base) ? [] : [unknown(story, record, name)]
    })
    const read = story.read.flatMap((record) =>
      committed.has(`version ${record.version}`) ? [] : [unknown(story, record, `version ${record.version}`)],
    )
    const torn = [...story.streamed, ...story.read].filter((record) => !isWhole(record))
    return [...strange, ...read, ...torn.map((record) => tornRow(story, record))]
  })
}

/** What the row of a key is stamped with at a version. */
export function stampOf(key: number, version: number): string {
  return createHash('md5').update(`${key}:${version}`).digest('hex')
}

function isWhole({ key, version, stamp }: ShownRecord): boolean {
  return key === null || version === null || stamp === stampOf(key, version)
}

function unknown(story: RowStory, { op, offset, xid }: ShownRecord, name: string): Violation {
  const what = `${op} (${name}, xid ${xid}) at offset ${offset} was never committed`
  return { checker: CHECKER, where: nameOf(story), what }
}

function tornRow(story: RowStory, { op, offset, version }: ShownRecord): Violation {
  const what = `${op} at offset ${offset} has columns of another change than version ${version}`
  return { checker: CHECKER, where: nameOf(story), what }
}
