import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { ConnectError } from '../../api/errors.ts'

const STOP_DEADLINE_MS = 30_000

/**
 * Stops a server that still runs on the data directory: whoever started it was killed and could not stop it. Without
 * this, the next start would fail on the server's lock file.
 */
export async function stopOrphan(dataDir: string): Promise<void> {
  const pidFile = join(dataDir, 'postmaster.pid')
  const deadline = Date.now() + STOP_DEADLINE_MS
  for (let isFirst = true; ; isFirst = false) {
    // Pid, data directory, start time, port, socket directory, …
    const lines = (await readFile(pidFile, 'utf8').catch(() => '')).split('\n')
    const pid = Number(lines[0])
    // A pid that was given to another program since: the lock file is stale, and the server removes it by itself.
    if (!(pid > 0) || !(await isPostgres(pid))) return
    if (isFirst) process.kill(pid, 'SIGINT')
    if (Date.now() > deadline) {
      throw new ConnectError(
        'embedded.postgres-failed',
        `Another PostgreSQL (process ${pid}) runs on ${dataDir} and does not stop: end it, then start again.`,
      )
    }
    await delay(50)
  }
}

async function isPostgres(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => null)
  // Without /proc (macOS, Windows) the living process is all that can be known.
  return command === null ? process.platform !== 'linux' : command.split('\0')[0]!.includes('postgres')
}
