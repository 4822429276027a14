import { closeSync, globSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { assertNoCanary, CANARY, CanaryWatch } from './canary.ts'

const PIECE_BYTES = 1 << 20
/** Answers that are a configuration, or several, and nothing else. */
const ONLY_CONFIGS = /^\/connectors\/[^/]+\/(?:config|tasks-config)$/

export interface AnswerText {
  readonly method: string
  readonly path: string
  readonly status: number
  readonly text: string
}

/**
 * Throws where a worker's answer has a password in it. Configurations of connectors are left out: they come back as they
 * were posted, as in Kafka Connect (docs/security.md). Where the request failed, nothing is left out.
 */
export function assertNoCanaryInAnswer({ method, path, status, text }: AnswerText): void {
  if (!text.includes(CANARY)) return
  const [place = ''] = path.split('?')
  const mayShow = status < 300 && /^\/connectors(?:\/|$)/.test(place)
  if (mayShow && method === 'GET' && ONLY_CONFIGS.test(place)) return
  const shown = mayShow ? withoutConfigs(text) : text
  assertNoCanary(shown, `the answer ${status} to ${method} ${path}`)
}

function withoutConfigs(text: string): string {
  return JSON.stringify(JSON.parse(text), (key, value: unknown) => (key === 'config' ? undefined : value))
}

/**
 * Throws where a segment of the embedded log has a password in it, be it a record, a dead letter or a notification.
 * Configurations are kept beside the segments as they were posted, in a file for the worker's user alone.
 */
export function assertNoCanaryInTopics(dataDir: string): void {
  const piece = Buffer.alloc(PIECE_BYTES)
  for (const name of globSync('topics/**/*.log', { cwd: dataDir })) {
    const file = openSync(join(dataDir, name), 'r')
    try {
      const watch = new CanaryWatch()
      for (let bytes = readSync(file, piece); bytes > 0; bytes = readSync(file, piece))
        watch.see(piece.toString('latin1', 0, bytes))
      watch.assertNone(name)
    } finally {
      closeSync(file)
    }
  }
}

/** Asks for what is never asked for by most tests; a worker that does not answer any more shows nothing. */
export async function assertNoCanaryInMetrics(url: string): Promise<void> {
  for (const path of ['/metrics', '/connectors?expand=status']) {
    const answer = await fetch(url + path, { signal: AbortSignal.timeout(5_000) }).catch(() => null)
    if (answer === null) return
    const text = await answer.text().catch(() => '')
    assertNoCanaryInAnswer({ method: 'GET', path, status: answer.status, text })
  }
}
