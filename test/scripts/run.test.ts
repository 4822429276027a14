import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'

/** A checkout whose npm only says that it was called. */
describe('scripts/run.mjs', () => {
  let checkout: string
  beforeEach(async () => {
    checkout = await mkdtemp(join(tmpdir(), 'tailrace run '))
    await mkdir(join(checkout, 'scripts'))
    await cp(
      fileURLToPath(new URL('../../scripts/run.mjs', import.meta.url)),
      join(checkout, 'scripts', 'run.mjs'),
    )
    await writeFile(
      join(checkout, 'npm.mjs'),
      "console.error('npm', process.argv.slice(2, 3).join()); process.exit(7)",
    )
    await writeFile(join(checkout, 'program.mjs'), "console.log('ran'); process.exit(3)")
    await writeFile(
      join(checkout, 'package-lock.json'),
      lock({ 'node_modules/a': '1.0.1', 'node_modules/os': 'any' }),
    )
  })
  afterEach(() => rm(checkout, { recursive: true, force: true }))

  const lock = (versions: Readonly<Record<string, string>>) =>
    JSON.stringify({
      packages: Object.fromEntries(
        Object.entries(versions).map(([path, version]) => [path, { version, optional: path.endsWith('os') }]),
      ),
    })
  const install = async (
    versions: Readonly<Record<string, string>>,
    modules = join(checkout, 'node_modules'),
  ) => {
    await mkdir(join(modules, '.bin'), { recursive: true })
    await symlink(process.execPath, join(modules, '.bin', 'node'))
    await writeFile(join(modules, '.package-lock.json'), lock(versions))
  }
  const run = () => {
    const args = [join(checkout, 'scripts', 'run.mjs'), join(checkout, 'program.mjs')]
    const env = { ...process.env, npm_execpath: join(checkout, 'npm.mjs') }
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8' })
    return { status, output: stdout + stderr }
  }

  test('runs the program, and ends with its status, when all that is needed is installed', async () => {
    await install({ 'node_modules/a': '1.0.1' })
    assert.deepEqual(run(), { status: 3, output: 'ran\n' })
  })

  test('installs first where nothing is installed, or an installation was broken off', async () => {
    assert.match(run().output, /^Installing.*\nnpm ci\n$/)
    await install({ 'node_modules/a': '1.0.1' })
    await rm(join(checkout, 'node_modules', '.package-lock.json'))
    assert.deepEqual(run().status, 7)
  })

  test('installs again when the checkout asks for another version', async () => {
    await install({ 'node_modules/a': '1.0.0' })
    assert.match(run().output, /^Installing.*\nnpm ci\n$/)
  })

  test("leaves another checkout's modules alone", async () => {
    const theirs = join(checkout, 'theirs')
    await install({}, theirs)
    await symlink(theirs, join(checkout, 'node_modules'))
    assert.deepEqual(run(), { status: 3, output: 'ran\n' })
  })
})
