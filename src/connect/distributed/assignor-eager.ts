import type { ConfigSnapshot, WorkerShare } from './worker-assignment.ts'

/** Shares everything anew, in turns: the connectors first, then the tasks. For workers of the oldest protocol. */
export function assignEagerly(
  { connectors }: ConfigSnapshot,
  members: Iterable<string>,
): ReadonlyMap<string, WorkerShare> {
  const ids = [...members].sort()
  const shares = new Map(ids.map((id) => [id, { connectors: [] as string[], tasks: [] as TaskIds }]))
  let turn = 0
  const next = (): { connectors: string[]; tasks: TaskIds } => shares.get(ids[turn++ % ids.length]!)!
  const sorted = [...connectors].sort(([a], [b]) => (a < b ? -1 : 1))
  for (const [name] of sorted) next().connectors.push(name)
  for (const [, tasks] of sorted) {
    for (const task of [...tasks].sort((a, b) => a.task - b.task)) next().tasks.push(task)
  }
  return shares
}

type TaskIds = WorkerShare['tasks'][number][]
