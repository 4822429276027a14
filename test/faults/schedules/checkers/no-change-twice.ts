import type { History, Violation } from '../history.ts'
import { identities, nameOf, rowStories } from '../row-story.ts'

/** In the embedded log, and on Kafka with transactions, each streamed change is one record. */
export function noChangeTwice(history: History): Violation[] {
  if (history.mayRepeat) return []
  return rowStories(history).flatMap((story) => {
    const committed = new Set(identities(story.changes))
    const names = identities(story.streamed)
    const offsets = Map.groupBy(story.streamed, (_, i) => names[i]!)
    return [...offsets].flatMap(([name, records]): Violation[] => {
      const base = name.replace(/, number \d+$/, '')
      // One removal more than its transaction made is the second record of one.
      const isRepeat = records.length > 1 || (base !== name && !committed.has(name) && committed.has(base))
      if (!isRepeat) return []
      const at = records.map(({ offset }) => offset).join(' and ')
      return [
        { checker: 'each change exactly once', where: nameOf(story), what: `${name} is at offset ${at}` },
      ]
    })
  })
}
