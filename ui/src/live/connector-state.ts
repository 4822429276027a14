import type { ConnectorView } from './worker-events.ts'

/** A connector that runs with a task that failed is no running one. */
export function worstState({ state, tasks }: ConnectorView): string {
  for (const worst of ['FAILED', 'RESTARTING', 'UNASSIGNED']) {
    if (state === worst || tasks.some((task) => task.state === worst)) return worst
  }
  return state
}
