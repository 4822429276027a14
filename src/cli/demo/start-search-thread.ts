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

/**
 * Runs the embedded search node in a thread of its own.
 *
 * @param onError told of requests that the node answered with 500
 */
export async function startSearchThread(
  data: SearchThreadData,
  onError: (message: string) => void,
): Promise<SearchThread> {
  const file = new URL(`./search-thread${extname(import.meta.url)}`, import.meta.url)
  const thread = new Worker(file, { workerData: data, name: 'tailrace-search' })
  const ready = Promise.withResolvers<string>()
  const ended = Promise.withResolvers<string>()
  const fail = (why: string) =>
    ready.reject(new ConnectError('cli.demo-failed', `The embedded search node did not start: ${why}`))
  let reason = 'its thread ended'
  thread.on('error', (error) => (reason = describeError(error)))
  thread.on('exit', () => {
    ended.resolve(reason)
    fail(reason)
  })
  thread.on('message', (report: SearchThreadReport) => {
    switch (report.kind) {
      case 'ready':
        return ready.resolve(report.url)
      case 'failed':
        return fail(report.message)
      case 'error':
        return onError(report.message)
    }
  })
  const url = await ready.promise
  const stop = async () => {
    thread.postMessage('stop', [])
    await ended.promise
  }
  return { url, ended: ended.promise, stop }
}
