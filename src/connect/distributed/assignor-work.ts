import type { TaskId } from '../herder.ts'
import type { ConfigSnapshot, WorkerShare } from './worker-assignment.ts'

/** Connectors by name and tasks by `taskKey`. Connectors and tasks are balanced each for themselves. */
export interface Work {
  readonly connectors: ReadonlySet<string>
  readonly tasks: ReadonlySet<string>
}

export const NO_WORK: Work = { connectors: new Set(), tasks: new Set() }

export function taskKey({ connector, task }: TaskId): string {
  return `${connector}\0${task}`
}

export function workOf({ connectors, tasks }: WorkerShare): Work {
  return { connectors: new Set(connectors), tasks: new Set(tasks.map(taskKey)) }
}

export function shareOf({ connectors, tasks }: Work): WorkerShare {
  return { connectors: [...connectors].sort(), tasks: [...tasks].map(parseTaskKey).sort(compareTasks) }
}

export function configuredWork({ connectors }: ConfigSnapshot): Work {
  return workOf({ connectors: [...connectors.keys()], tasks: [...connectors.values()].flat() })
}

export function isEmpty({ connectors, tasks }: Work): boolean {
  return connectors.size === 0 && tasks.size === 0
}

export function union(...works: readonly Work[]): Work {
  return {
    connectors: new Set(works.flatMap(({ connectors }) => [...connectors])),
    tasks: new Set(works.flatMap(({ tasks }) => [...tasks])),
  }
}

export function intersection(a: Work, b: Work): Work {
  return { connectors: a.connectors.intersection(b.connectors), tasks: a.tasks.intersection(b.tasks) }
}

export function difference(from: Work, ...taken: readonly Work[]): Work {
  return taken.reduce(
    (left, work) => ({
      connectors: left.connectors.difference(work.connectors),
      tasks: left.tasks.difference(work.tasks),
    }),
    from,
  )
}

/** What more than one of them has. */
export function duplicates(works: Iterable<Work>): Work {
  let [seen, twice] = [NO_WORK, NO_WORK]
  for (const work of works) {
    twice = union(twice, intersection(seen, work))
    seen = union(seen, work)
  }
  return twice
}

function parseTaskKey(key: string): TaskId {
  const end = key.lastIndexOf('\0')
  return { connector: key.slice(0, end), task: Number(key.slice(end + 1)) }
}

function compareTasks(a: TaskId, b: TaskId): number {
  if (a.connector === b.connector) return a.task - b.task
  return a.connector < b.connector ? -1 : 1
}
