import { resolve } from 'node:path'
import { counted } from '../api/counted.ts'
import { followJob } from './follow-job.ts'
import { call } from './worker-client.ts'

export interface BackupFlags {
  readonly url: string
  readonly json?: true
}

interface BackedUp {
  readonly directory: string
  readonly seconds: number
  readonly result: { readonly bytes: number; readonly segments: number; readonly damaged: readonly string[] }
}

const PATH = '/admin/backup'

/** `tailrace backup`: exit status 0, 1 where segments of the log were damaged before, 2 when it failed. */
export async function backUp(directory: string, { url, json }: BackupFlags): Promise<void> {
  process.exitCode = 2
  await call(url, 'POST', PATH, { directory: resolve(directory) })
  const state = await followJob<BackedUp>(url, PATH, () => {
    // Half a backup is none.
    void call(url, 'DELETE', PATH).finally(() => process.exit(130))
  })
  const { damaged } = state.result
  process.stdout.write(json === true ? `${JSON.stringify(state)}\n` : report(state))
  for (const segment of damaged) process.stderr.write(`Damaged before it was copied: ${segment}\n`)
  process.exitCode = damaged.length === 0 ? 0 : 1
}

function report({ directory, seconds, result: { bytes, segments } }: BackedUp): string {
  const size = (bytes / 1_000_000).toFixed(1)
  return `${directory} has the topics (${size} MB in ${counted(segments, 'segment')}), offsets and connectors of this moment (${seconds} s)\n`
}
