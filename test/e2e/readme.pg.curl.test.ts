import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { codeBlocks } from '../docs/code-blocks.ts'
import { shell } from '../docs/shell.ts'
import { freePort } from '../servers/free-port.ts'
import { startPostgres } from '../servers/postgres.ts'
import { startSearch } from '../servers/search.ts'
import { waitFor } from '../wait-for.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What the reader should see after a command, by how it begins; the first that fits counts. */
const SEEN: readonly (readonly [start: string, seen: RegExp])[] = [
  ['curl -s http://localhost:8083/connector-plugins', /PostgresConnector.*ElasticsearchSinkConnector/],
  ['sed ', /^\{"name":"[a-z-]+-connector","config":\{/],
  [
    'curl -s http://localhost:8083/connectors/inventory-connector/status',
    /"tasks":\[\{"id":0,"state":"RUNNING"/,
  ],
  ['npm run -s tailrace -- connectors list', /inventory-connector\tsource\tRUNNING/],
  ['npm run -s tailrace -- topics describe', /partition 0\tstart 0\tend 2\trecords 2/],
  ['npm run -s tailrace -- consume', /^\{"id":1,"name":"Alice".*\n\{"id":2,"name":"Bob".*\n$/],
  ["curl -s 'http://localhost:9200/postgres_server.public.test_table/_search", /test_table\+0\+1/],
]

describe('README.md', () => {
  test('its walk-through works when it is typed step by step', async () => {
    await using postgres = await startPostgres()
    await using search = await startSearch()
    const workerPort = await freePort()
    const place = await mkdtemp(join(tmpdir(), 'tailrace-readme-'))
    // The servers of the test are on other ports than the reader's, and PostgreSQL has another password.
    const source = await readFile(join(root, 'examples/inventory-connector.json'), 'utf8')
    await writeFile(
      join(place, 'inventory-connector.json'),
      source
        .replace('"database.port": "5432"', `"database.port": "${postgres.port}"`)
        .replace('"database.password": "postgres"', `"database.password": "${postgres.password}"`),
    )
    const here = (command: string) =>
      command
        .replaceAll('localhost:8083', `127.0.0.1:${workerPort}`)
        .replaceAll('localhost:9200', new URL(search.url).host)
        .replaceAll('"localhost"', '"127.0.0.1"')
        .replace('examples/inventory-connector.json', join(place, 'inventory-connector.json'))
    const env = { ...process.env, TAILRACE_URL: `http://127.0.0.1:${workerPort}` }
    const running: { stop(): Promise<void> }[] = []
    let database = 'postgres'
    let ran = 0
    try {
      for (const { kind, skip, text } of codeBlocks('README.md')) {
        if (skip !== null) continue
        if (kind === 'sql') {
          await postgres.query(text, database)
          if (text.includes('CREATE DATABASE exampledb')) database = 'exampledb'
        } else if (kind === 'sh worker') {
          const flags = `--port ${workerPort} --data-dir ${join(place, 'worker')}`
          running.push(await startInBackground(`${text.trim()} ${flags}`, env))
        } else if (kind === 'sh') {
          for (const command of text.trim().split(/(?<!\|)\n/)) {
            const [, seen] = SEEN.find(([start]) => command.startsWith(start)) ?? []
            assert.ok(seen, `The test does not know what to see after: ${command}`)
            await waitFor(`${String(seen)} after ${command}`, async () => {
              const output = await shell(here(command), { cwd: root, env })
              if (seen.test(output)) return true
              throw new Error(`it printed ${output}`)
            })
            ran++
          }
        }
      }
      assert.equal(ran, SEEN.length + 1)
    } finally {
      for (const each of running) await each.stop()
      await rm(place, { recursive: true, force: true })
    }
  })
})

/** Until it has said where it answers. */
async function startInBackground(
  command: string,
  env: NodeJS.ProcessEnv,
): Promise<{ stop(): Promise<void> }> {
  // A group of its own: npm does not pass signals on in every version.
  const child = spawn('bash', ['-c', command], {
    cwd: root,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const closed = once(child, 'close')
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
  const kill = () => process.kill(-child.pid!, 'SIGKILL')
  process.once('exit', kill)
  await waitFor('the worker to say where it answers', () => output.includes('answers at http://'))
  return {
    async stop() {
      process.off('exit', kill)
      process.kill(-child.pid!, 'SIGTERM')
      await closed
    },
  }
}
