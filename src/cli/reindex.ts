import { counted } from '../api/counted.ts'
import { followJob, jobFailure, progressText, type JobState } from './follow-job.ts'
import { call } from './worker-client.ts'

export interface ReindexFlags {
  readonly url: string
  readonly from?: string
  readonly deleteOld?: true
  readonly acceptFewer?: true
  readonly status?: true
  readonly abort?: true
  readonly json?: true
}

interface Outcome {
  readonly seconds: number
  readonly indices: readonly Reindexed[]
}

type State = JobState<Outcome>

interface Reindexed {
  readonly name: string
  readonly index: string
  readonly documents: number
  readonly old: { readonly index: string; readonly documents: number; readonly deleted: boolean } | null
}

/** `tailrace reindex`: exit status 0 when the new indices are in place, 2 when it failed. */
export async function reindex(connector: string, flags: ReindexFlags): Promise<void> {
  process.exitCode = 2
  const { url, json } = flags
  const path = `/connectors/${encodeURIComponent(connector)}/reindexing`
  if (flags.abort === true) {
    await call(url, 'DELETE', path)
    process.exitCode = 0
    return
  }
  if (flags.status !== true) await call(url, 'POST', `${path}?${parameters(flags).toString()}`)
  const state =
    flags.status === true
      ? ((await call(url, 'GET', path)) as State)
      : await followJob<Outcome>(url, path, () => {
          process.stderr.write(
            `The worker goes on with it. See --status for how far it is; --abort ends it and deletes the new index.\n`,
          )
          process.exit(130)
        })
  if (state.state === 'FAILED') throw jobFailure(state)
  process.stdout.write(json === true ? `${JSON.stringify(state)}\n` : report(state))
  process.exitCode = 0
}

function parameters({ from, deleteOld, acceptFewer }: ReindexFlags): URLSearchParams {
  return new URLSearchParams({
    ...(from !== undefined && { from }),
    ...(deleteOld === true && { delete_old: 'true' }),
    ...(acceptFewer === true && { accept_fewer: 'true' }),
  })
}

function report(state: Exclude<State, { state: 'FAILED' }>): string {
  if (state.state === 'RUNNING') return `${progressText(state.progress)}\n`
  if (state.indices.length === 0) return 'There was no index yet: nothing to do\n'
  const lines = state.indices.map(({ name, index, documents, old }) => {
    const before =
      old === null ? '' : `; before: ${old.index} with ${old.documents}, ${old.deleted ? 'deleted' : 'kept'}`
    return `${name} is now ${index} with ${counted(documents, 'document')}${before}\n`
  })
  return `${lines.join('')}(${state.seconds} s)\n`
}
