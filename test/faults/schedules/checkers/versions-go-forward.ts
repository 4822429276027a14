import type { History, Look, Violation } from '../history.ts'
import { identities, nameOf, rowStories, type RowStory } from '../row-story.ts'

const CHECKER = 'versions of a key only go forward'

/** A key's changes stand in the topic in the order of their commits, and no reader of the index sees an older state again. */
export function versionsGoForward(history: History): Violation[] {
  return [
    ...rowStories(history).flatMap((story) => outOfOrder(story, history.mayRepeat)),
    ...seenAgain(history),
  ]
}

function outOfOrder(story: RowStory, mayRepeat: boolean): Violation[] {
  const places = new Map(identities(story.changes).map((name, place) => [name, place]))
  const names = identities(story.streamed)
  const seen = new Set<string>()
  let last = -1
  return story.streamed.flatMap(({ offset }, i): Violation[] => {
    const name = names[i]!
    const place = places.get(name)
    // Repeated: where that is not allowed, another checker says so.
    if (place === undefined || seen.has(name)) return []
    seen.add(name)
    if (place < last && !(mayRepeat && name.includes('transaction'))) {
      const what = `${name} is at offset ${offset}, behind a later change`
      return [{ checker: CHECKER, where: nameOf(story), what }]
    }
    last = place
    return []
  })
}

function seenAgain(history: History): Violation[] {
  const last = new Map<string, Look>()
  return history.of('look').flatMap((look): Violation[] => {
    const where = nameOf(look)
    const before = last.get(where)
    last.set(where, look)
    if (before === undefined || look.version >= before.version) return []
    const what = `the index had version ${before.version} at ${before.at} and ${look.version} at ${look.at}`
    return [{ checker: CHECKER, where, what }]
  })
}
