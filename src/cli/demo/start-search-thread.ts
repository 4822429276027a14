import { once } from 'node:events'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { ConnectError, describeError } from '../../api/errors.ts'
import type { SearchThreadData, SearchThreadReport } from './search-thread.ts'

export interface SearchThread {
  readonly url: string
  /** Resolves when the thread has ended, for whatever reason. */
  readonly ended: Promise<string>
  stop(): Promise<void>
}

/** Runs the embedded search node in a thread of its own. */
export async function startSearchThread(data: SearchThreadData): Promise<SearchThread> {
  const file = new URL(`./search-thread${extname(import.meta.url)}`, import.meta.url)
  const thread = new Worker(file, { workerData: data, name: 'tailrace-search' })
  let reason = 'it ended'
  thread.on('error', (error) => (reason = describeError(error)))
  const ended = once(thread, 'exit').then(() => reason)
  const failed = (why: string) =>
    new ConnectError('cli.demo-failed', `The embedded search node did not start: ${why}`)
  const [report] = (await Promise.race([
    once(thread, 'message'),
    ended.then((why) => [{ kind: 'failed', message: why }]),
  ])) as [SearchThreadReport]
  if (report.kind === 'failed') throw failed(report.message)
  const stop = async () => {
    thread.postMessage('stop', [])
    await ended
  }
  return { url: report.url, ended, stop }
}
