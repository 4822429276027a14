import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { freePort } from '../servers/free-port.ts'
import { waitFor } from '../wait-for.ts'

const unit = fileURLToPath(new URL('../../deploy/systemd/tailrace.service', import.meta.url))
const program = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

describe('deploy/systemd/tailrace.service', () => {
  let place: string
  let settings: ReadonlyMap<string, string>
  before(async () => {
    place = await mkdtemp(join(tmpdir(), 'tailrace-systemd-'))
    const lines = (await readFile(unit, 'utf8')).split('\n').filter((line) => /^[A-Z]\w*=/.test(line))
    settings = new Map(
      lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    )
  })
  after(() => rm(place, { recursive: true, force: true }))

  test('is a unit in the eyes of systemd, where there is one', async (t) => {
    await copyFile(unit, join(place, 'tailrace.service'))
    const { error, stderr } = spawnSync('systemd-analyze', ['verify', join(place, 'tailrace.service')], {
      encoding: 'utf8',
    })
    if (error !== undefined) return t.diagnostic(`not asked: ${error.message}`)
    // It may have something to say about units of the machine.
    const about = stderr.split('\n').filter((line) => line.includes('tailrace'))
    assert.deepEqual(about, [])
  })

  test('hands the properties, which are for root alone, to a user who is nobody', () => {
    assert.equal(settings.get('DynamicUser'), 'yes')
    assert.equal(settings.get('NoNewPrivileges'), 'yes')
    assert.equal(settings.get('CapabilityBoundingSet'), '')
    assert.equal(settings.get('LoadCredential'), 'worker.properties:/etc/tailrace/worker.properties')
    assert.match(settings.get('ExecStart')!, /\$\{CREDENTIALS_DIRECTORY\}\/worker\.properties/)
  })

  test('starts a worker by its command, which ends in good order when it is stopped', async () => {
    const port = await freePort()
    await writeFile(join(place, 'worker.properties'), `listeners=http://127.0.0.1:${port}\n`)
    const command = settings
      .get('ExecStart')!
      .replace('${CREDENTIALS_DIRECTORY}', place)
      .replace('${STATE_DIRECTORY}', join(place, 'state'))
    const [env, name, ...args] = command.split(' ')
    assert.deepEqual([env, name], ['/usr/bin/env', 'tailrace'])
    const worker = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...args], {
      stdio: 'ignore',
      cwd: place,
    })
    const killWithUs = (): boolean => worker.kill('SIGKILL')
    process.once('exit', killWithUs)
    const closed = once(worker, 'close')
    try {
      await waitFor('the worker to answer', async () => (await fetch(`http://127.0.0.1:${port}/`)).ok)
    } finally {
      worker.kill('SIGTERM')
      assert.deepEqual(await closed, [0, null])
      process.off('exit', killWithUs)
    }
  })
})
