import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'

/** What the main thread and task threads load at most, but for the converters and transformations. */
const modules = [
  'cli/compose.ts',
  'connect/source/source-task-runner.ts',
  'connect/sink/sink-task-runner.ts',
  'connect/distributed/create-distributed-herder.ts',
  'converters/registry/registry-client.ts',
  'elasticsearch/connector.ts',
  'elasticsearch/sink-task.ts',
  'log/kafka/kafka-log.ts',
  'log/kafka/connection/token-source.ts',
  'postgres/connector.ts',
  'postgres/source-task.ts',
]

test("no thread of a worker loads Node's fetch by the way", async () => {
  const addresses = modules.map((module) => new URL(`../${module}`, import.meta.url).href)
  assert.deepEqual(await fetchModules(addresses), [])
  // The other way it is there, so that this would be seen.
  assert.notDeepEqual(await fetchModules(['node:http']), [])
})

/** Which parts of `fetch` a process has after these imports. */
async function fetchModules(addresses: readonly string[]): Promise<string[]> {
  const source = `
    for (const address of ${JSON.stringify(addresses)}) await import(address)
    console.log(JSON.stringify(process.moduleLoadList.filter((name) => name.includes('undici/undici'))))`
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--disable-warning=ExperimentalWarning',
    '--input-type=module',
    '--eval',
    source,
  ])
  return JSON.parse(stdout) as string[]
}
