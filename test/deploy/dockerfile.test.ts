import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { freePort } from '../servers/free-port.ts'
import { waitFor } from '../wait-for.ts'
import { stagesOf, valuesOf, type Step } from './dockerfile.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** What `.dockerignore` lets through. */
const context = readFileSync(join(root, '.dockerignore'), 'utf8')
  .split('\n')
  .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []))

// No container engine is needed: each stage is a directory in which its steps are carried out.
test("the image's steps make a worker that answers, is healthy, and keeps its data where the volume is", async () => {
  const place = mkdtempSync(join(tmpdir(), 'tailrace-image-'))
  try {
    const stages = stagesOf(readFileSync(join(root, 'Dockerfile'), 'utf8'))
    for (const [index, { name, steps }] of stages.entries()) build(place, name || `stage${index}`, steps)
    const { name, steps } = stages.at(-1)!
    await run(join(place, name || `stage${stages.length - 1}`), steps)
    assert.deepEqual(valuesOf(steps, 'USER'), ['node'])
    const [volume] = valuesOf(steps, 'VOLUME')
    const placed = valuesOf(steps, 'COPY').find((text) => text.endsWith(` ${volume}`))
    assert.match(placed ?? '', /--chown=node:node /, 'whoever runs the worker may write to its volume')
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
})

function build(place: string, stage: string, steps: readonly Step[]): void {
  let directory = join(place, stage)
  for (const { instruction, text } of steps) {
    if (instruction === 'WORKDIR') mkdirSync((directory = join(place, stage, text)), { recursive: true })
    else if (instruction === 'RUN') execFileSync('sh', ['-ec', text], { cwd: directory, stdio: 'pipe' })
    else if (instruction === 'COPY') copy({ place, stage, directory }, text)
  }
}

function copy(at: { place: string; stage: string; directory: string }, text: string): void {
  const words = text.split(' ')
  const from = /^--from=(\w+)$/.exec(words.find((word) => word.startsWith('--from=')) ?? '')?.[1]
  const paths = words.filter((word) => !word.startsWith('--'))
  const target = paths.pop()!
  for (const path of paths) {
    if (from === undefined)
      assert.ok(context.includes(path.replace(/^\.\//, '')), `${path} is not in the context`)
    const source = from === undefined ? join(root, path) : join(at.place, from, path)
    const base = target.startsWith('/') ? join(at.place, at.stage, target) : join(at.directory, target)
    const into = target.endsWith('/') ? join(base, path.split('/').at(-1)!) : base
    mkdirSync(dirname(into), { recursive: true })
    cpSync(source, into, { recursive: true, verbatimSymlinks: true })
  }
}

async function run(image: string, steps: readonly Step[]): Promise<void> {
  const last = (instruction: string) => JSON.parse(valuesOf(steps, instruction).at(-1)!) as string[]
  const port = await freePort()
  const workdir = join(image, valuesOf(steps, 'WORKDIR').at(-1)!)
  const volume = valuesOf(steps, 'VOLUME').at(-1)!
  const env: Record<string, string> = {}
  for (const pair of valuesOf(steps, 'ENV').flatMap((text) => text.split(' '))) {
    const [name, value] = pair.split('=') as [string, string]
    // Paths of the image lie in its directory, and 8083 may be taken here.
    env[name] = value.startsWith('/') ? join(image, value) : value.replace('8083', String(port))
  }
  assert.equal(env['CONNECT_DATA_DIR'], join(image, volume))
  const [program, ...args] = [...last('ENTRYPOINT'), ...last('CMD'), '--allow-unprotected']
  assert.equal(program, 'node')
  const worker = spawn(process.execPath, args, { cwd: workdir, env, stdio: 'ignore' })
  const exited = once(worker, 'exit')
  try {
    await waitFor('the worker to answer', async () => (await fetch(`http://127.0.0.1:${port}/`)).ok)
    const [, healthcheck] = /CMD (\[.*\])$/.exec(valuesOf(steps, 'HEALTHCHECK').at(-1)!)!
    const [, ...check] = (JSON.parse(healthcheck!) as string[]).map((word) =>
      word.replace('8083', String(port)),
    )
    execFileSync(process.execPath, check)
    assert.throws(() =>
      execFileSync(
        process.execPath,
        check.map((word) => word.replace(String(port), '1')),
      ),
    )
  } finally {
    worker.kill('SIGTERM')
    assert.deepEqual(await exited, [0, null])
  }
}
