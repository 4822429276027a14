import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { waitFor } from '../wait-for.ts'
import { freePort } from './free-port.ts'

export interface SearchServer extends AsyncDisposable {
  readonly url: string
  /** Ends the node and removes its data. */
  stop(): Promise<void>
}

/** The embedded search node in a process of its own, so that it neither blocks the test nor counts to the worker. */
export async function startSearch(): Promise<SearchServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tailrace-search-'))
  const port = await freePort()
  const module = new URL('../../src/embedded/search/start-search-node.ts', import.meta.url)
  const program = `
    import { startSearchNode } from ${JSON.stringify(module.href)}
    await startSearchNode({ dataDir: ${JSON.stringify(dataDir)}, host: '127.0.0.1', port: ${port} })`
  const node = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', program],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  )
  const killWithUs = () => node.kill('SIGKILL')
  process.once('exit', killWithUs)
  const url = `http://127.0.0.1:${port}`
  await waitFor('the search node', async () => (await fetch(url)).ok)
  const stop = async () => {
    process.off('exit', killWithUs)
    const exited = once(node, 'exit')
    if (node.exitCode === null && node.signalCode === null) {
      node.kill('SIGKILL')
      await exited
    }
    await rm(dataDir, { recursive: true, force: true })
  }
  return { url, stop, [Symbol.asyncDispose]: stop }
}
