import { noChangeMissing } from './checkers/no-change-missing.ts'
import { noChangeTwice } from './checkers/no-change-twice.ts'
import { nothingInvented } from './checkers/nothing-invented.ts'
import { offsetsBehindData } from './checkers/offsets-behind-data.ts'
import { tableEqualsIndex } from './checkers/table-equals-index.ts'
import { versionsGoForward } from './checkers/versions-go-forward.ts'
import type { History, Violation } from './history.ts'

const CHECKERS = [
  tableEqualsIndex,
  versionsGoForward,
  noChangeMissing,
  noChangeTwice,
  nothingInvented,
  offsetsBehindData,
  noTrouble,
]

/** All that is wrong with a run. Empty: nothing was lost, wrong or (where that is promised) twice, and all of it is known. */
export function checkHistory(history: History): Violation[] {
  return CHECKERS.flatMap((check) => check(history))
}

/** Nothing failed without being told to, nothing stayed away, and there is something to judge at all. */
function noTrouble(history: History): Violation[] {
  const troubles = history
    .of('trouble')
    .map(({ at, text }) => ({ checker: 'it goes on', where: at, what: text }))
  const empty = (['change', 'record', 'row', 'document'] as const).filter(
    (kind) => history.of(kind).length === 0,
  )
  return [
    ...troubles,
    ...empty.map((kind) => ({ checker: 'there is a history', where: kind, what: 'there are none' })),
  ]
}
