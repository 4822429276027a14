// 200 connectors are created, paused, changed, resumed and deleted by 8 clients at once; meanwhile somebody reads.
// Prints how long the phases took and the percentiles of the reader's GETs.
//
//   npm run build && node bench/rest-crowd.ts [CONNECTORS] [--profile DIR]
//
// The reader has a thread of its own, so that it measures the worker and not the clients beside it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { freePort } from '../test/servers/free-port.ts'
import { waitFor } from '../test/wait-for.ts'

const CLIENTS = 8

interface ReaderStart {
  readonly port: number
  readonly names: readonly string[]
}

const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS })

function call(port: number, method: string, path: string, body?: unknown): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' }
    const sent = request({ host: '127.0.0.1', port, method, path, headers, agent }, (answer) => {
      answer.resume()
      answer.on('end', () => resolve(answer.statusCode!))
    })
    sent.on('error', reject)
    sent.end(body === undefined ? '' : JSON.stringify(body))
  })
}

async function readUntilTold({ port, names }: ReaderStart): Promise<void> {
  const times: number[] = []
  const over = new AbortController()
  parentPort!.once('message', () => over.abort())
  while (!over.signal.aborted) {
    const started = performance.now()
    await call(port, 'GET', `/connectors/${names[times.length % names.length]}`)
    times.push(performance.now() - started)
  }
  parentPort!.postMessage(times, [])
}

async function measure(count: number, profileDir: string | null): Promise<void> {
  const place = mkdtempSync(join(tmpdir(), 'tailrace-crowd-'))
  const port = await freePort()
  const profile = profileDir === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`]
  const worker = spawn(
    process.execPath,
    [...profile, 'dist/cli/main.js', 'worker', '--port', String(port), '--data-dir', place],
    { stdio: 'ignore' },
  )
  await waitFor('the worker', async () => (await fetch(`http://127.0.0.1:${port}/`)).ok)
  const names = Array.from({ length: count }, (_, i) => `crowd-${String(i).padStart(4, '0')}`)
  const reader = new Worker(new URL(import.meta.url), { workerData: { port, names } satisfies ReaderStart })
  const shared = async (what: string, work: (name: string) => Promise<void>): Promise<void> => {
    const started = performance.now()
    const left = [...names]
    const client = async (): Promise<void> => {
      for (let name = left.shift(); name !== undefined; name = left.shift()) await work(name)
    }
    await Promise.all(Array.from({ length: CLIENTS }, client))
    console.log(`${what}: ${((performance.now() - started) / count).toFixed(2)} ms each`)
  }
  const configOf = (name: string) => ({
    'connector.class': 'FileStreamSink',
    topics: `t-${name}`,
    file: join(place, 'sink.txt'),
  })
  const expect = async (status: number, of: Promise<number>): Promise<void> => {
    const got = await of
    if (got !== status) throw new Error(`${got} in place of ${status}`)
  }
  await shared('create', (name) =>
    expect(201, call(port, 'POST', '/connectors', { name, config: configOf(name) })),
  )
  await shared('pause, change, resume', async (name) => {
    await expect(202, call(port, 'PUT', `/connectors/${name}/pause`))
    const changed = { ...configOf(name), 'errors.tolerance': 'all' }
    await expect(200, call(port, 'PUT', `/connectors/${name}/config`, changed))
    await expect(202, call(port, 'PUT', `/connectors/${name}/resume`))
  })
  await shared('delete', (name) => expect(204, call(port, 'DELETE', `/connectors/${name}`)))
  reader.postMessage('over', [])
  const [times] = (await once(reader, 'message')) as [number[]]
  times.sort((a, b) => a - b)
  const at = (part: number): string => times[Math.floor((times.length - 1) * part)]!.toFixed(1)
  console.log(`${times.length} GETs: p50 ${at(0.5)} ms, p90 ${at(0.9)}, p99 ${at(0.99)}, most ${at(1)}`)
  worker.kill('SIGTERM')
  await once(worker, 'exit')
  agent.destroy()
  rmSync(place, { recursive: true, force: true })
}

if (isMainThread) {
  const [count, flag, dir] = process.argv.slice(2)
  await measure(Number(count ?? 200), flag === '--profile' ? dir! : null)
} else await readUntilTold(workerData as ReaderStart)
