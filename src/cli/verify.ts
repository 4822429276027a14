import { counted } from '../api/counted.ts'
import { followJob } from './follow-job.ts'
import { call } from './worker-client.ts'

export interface VerifyFlags {
  readonly url: string
  readonly repair?: true
  readonly json?: true
}

interface Verified {
  readonly seconds: number
  readonly result: Result
}

interface Result {
  readonly tables: readonly string[]
  readonly indices: readonly string[]
  readonly rows: number
  readonly documents: number
  readonly missing: number
  readonly stale: number
  readonly extra: number
  readonly repaired: number
  readonly unsettled: number
  readonly complete: boolean
  readonly differences: readonly { kind: string; index: string; id: string; repaired: boolean }[]
}

/** `tailrace verify`: exit status 0 without differences, 1 where there are some (repaired or not), 2 when it failed. */
export async function verify(connector: string, { url, repair, json }: VerifyFlags): Promise<void> {
  process.exitCode = 2
  const path = `/connectors/${encodeURIComponent(connector)}/verification`
  await call(url, 'POST', repair === true ? `${path}?repair=true` : path)
  const state = await followJob<Verified>(url, path, () => {
    // Nobody waits for it any more.
    void call(url, 'DELETE', path).finally(() => process.exit(130))
  })
  const { result } = state
  process.stdout.write(json === true ? `${JSON.stringify(state)}\n` : report(result, state.seconds))
  const { missing, stale, extra, unsettled } = result
  process.exitCode = missing + stale + extra + unsettled === 0 && result.complete ? 0 : 1
}

function report(result: Result, seconds: number): string {
  const { missing, stale, extra, repaired, unsettled } = result
  const lines = result.differences.map(
    ({ kind, index, id, repaired }) => `${kind}\t${index}\t${id}${repaired ? '\trepaired' : ''}`,
  )
  const all = missing + stale + extra
  if (all > lines.length) lines.push(`… and ${all - lines.length} more`)
  lines.push(
    `${counted(result.rows, 'row')} of ${result.tables.join(', ')}, ${counted(result.documents, 'document')} of ${result.indices.join(', ')}: ` +
      `${missing} missing, ${stale} stale, ${extra} extra; ${repaired} repaired (${seconds} s)`,
  )
  if (unsettled > 0)
    lines.push(
      `${unsettled} could not be settled: they change all the time, or their versions are ahead of the database`,
    )
  if (!result.complete) lines.push('There are more differences than are looked at in one go: verify again')
  return `${lines.join('\n')}\n`
}
