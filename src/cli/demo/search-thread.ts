// The entry module of the thread that runs the embedded search node: indexing there does not slow the worker's API.
import { parentPort, workerData } from 'node:worker_threads'
import { describeError } from '../../api/errors.ts'
import { startSearchNode } from '../../embedded/search/start-search-node.ts'

export interface SearchThreadData {
  readonly dataDir: string
  readonly port: number
}

export type SearchThreadReport =
  | { readonly kind: 'ready'; readonly url: string }
  | { readonly kind: 'failed'; readonly message: string }
  /** It goes on; the request was answered with 500. */
  | { readonly kind: 'error'; readonly message: string }

const { dataDir, port } = workerData as SearchThreadData
const report = (message: SearchThreadReport) => parentPort!.postMessage(message, [])
try {
  const node = await startSearchNode({
    dataDir,
    host: '127.0.0.1',
    port,
    onInternalError: (error) => report({ kind: 'error', message: describeError(error) }),
  })
  parentPort!.once('message', () => {
    void node.close().finally(() => parentPort!.close())
  })
  report({ kind: 'ready', url: node.url })
} catch (error) {
  report({ kind: 'failed', message: describeError(error) })
}
