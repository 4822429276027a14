import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { CreatedPlugin } from '../plugins/created-plugin.ts'
import { runCli } from '../servers/cli.ts'
import { startWorker, type WorkerProcess } from '../servers/worker.ts'
import { waitFor } from '../wait-for.ts'
import { codeBlocks } from './code-blocks.ts'

test('docs/write-a-connector.md: its commands do what it says', async () => {
  const place = mkdtempSync(join(tmpdir(), 'tailrace-guide-'))
  after(() => rmSync(place, { recursive: true, force: true }))
  let cwd = place
  let worker: WorkerProcess | null = null
  after(() => worker?.[Symbol.asyncDispose]())
  const printed: string[] = []

  /** One line of the page. What npm would download comes from this checkout. */
  const run = async (line: string): Promise<void> => {
    const plugin = new CreatedPlugin(cwd)
    const [, tailrace] = /^npx tailrace (.*)$/.exec(line) ?? []
    if (tailrace?.startsWith('worker ')) {
      worker = await startWorker({ cwd, args: tailrace.split(' ').slice(1) })
    } else if (tailrace !== undefined) {
      const { status, stdout, stderr } = await runCli(tailrace.split(' '), {
        cwd,
        env: worker === null ? {} : { TAILRACE_URL: worker.url },
      })
      assert.equal(status, 0, `${line}: ${stderr}`)
      printed.push(stdout)
    } else if (line.startsWith('cd ')) cwd = join(cwd, line.slice(3))
    else if (line === 'npm install') plugin.install()
    else if (line === 'npm run check') await plugin.check()
    else if (line === 'npm test') printed.push(await plugin.test())
    else if (line.startsWith('echo ')) execFileSync('sh', ['-c', line], { cwd })
    else assert.fail(`the page has a command that this test does not know: ${line}`)
  }

  const blocks = codeBlocks('docs/write-a-connector.md').filter(({ skip }) => skip === null)
  assert.deepEqual(
    blocks.map(({ kind }) => kind),
    ['sh', 'sh worker', 'sh'],
  )
  for (const { text } of blocks) {
    for (const line of text.trim().split('\n')) {
      // The next command of the page may come sooner here than a reader types it.
      if (line.includes('consume')) {
        await waitFor('three ticks', async () => (await worker!.records('ticks')) >= 3)
      }
      await run(line)
    }
  }
  assert.match(
    printed.join('\n'),
    /pass 3\n[^]*example\tsource\tRUNNING[^]*"text":"tick 0"[^]*"text":"tick 2"/,
  )
  const { body } = await worker!.rest('PUT', '/connector-plugins/MyClockSource/config/validate', {
    'connector.class': 'MyClockSource',
    name: 'x',
    topic: 't',
  })
  assert.equal((body as { error_count: number }).error_count, 0)
})
