import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { runCli } from '../servers/cli.ts'
import { startWorker } from '../servers/worker.ts'
import { waitFor } from '../wait-for.ts'

const place = mkdtempSync(join(tmpdir(), 'tailrace-backup-'))
after(() => rmSync(place, { recursive: true, force: true }))

test('a worker goes on from a backup that was made of a running one', async () => {
  const file = join(place, 'lines')
  writeFileSync(file, 'one\ntwo\n')
  const directory = join(place, 'backup')
  {
    await using worker = await startWorker({ dataDir: join(place, 'data') })
    await worker.create('in', { 'connector.class': 'FileStreamSource', file, topic: 'lines' })
    await waitFor('two lines', async () => (await worker.records('lines')) === 2)
    const asked = await worker.rest('GET', '/admin/backup')
    assert.equal(asked.status, 404)
    const made = await runCli(['backup', 'backup', '--url', worker.url], { cwd: place })
    assert.equal(made.status, 0, made.stderr)
    assert.match(
      made.stdout,
      /^\S+\/backup has the topics \(0\.0 MB in \d+ segments?\), offsets and connectors/,
    )
    assert.equal(statSync(directory).mode & 0o777, 0o700)
    const again = await runCli(['backup', 'backup', '--url', worker.url], { cwd: place })
    assert.equal(again.status, 2)
    assert.match(again.stderr, /backup is not empty\. Each backup needs a directory of its own\.\n$/)
    // Later than the backup, and so not in it.
    appendFileSync(file, 'three\n')
    await waitFor('three lines', async () => (await worker.records('lines')) === 3)
  }
  await using restored = await startWorker({ dataDir: directory })
  assert.deepEqual((await restored.rest('GET', '/connectors')).body, ['in'])
  await waitFor('the line since', async () => (await restored.records('lines')) === 3)
  const path = '/connectors/in/offsets'
  await waitFor('its offset', async () => {
    const { body } = await restored.rest('GET', path)
    return JSON.stringify(body).includes('"position":14')
  })
  assert.equal(await restored.records('lines'), 3)
})

test('a backup that the worker cannot write leaves nothing, and says why', async () => {
  await using worker = await startWorker({ dataDir: join(place, 'other') })
  const within = await runCli(['backup', join(place, 'other', 'backup'), '--url', worker.url])
  assert.equal(within.status, 2)
  assert.match(within.stderr, /lies in the data directory itself/)
  writeFileSync(join(place, 'file'), '')
  const below = await runCli(['backup', join(place, 'file', 'backup'), '--url', worker.url])
  assert.equal(below.status, 2)
  assert.match(below.stderr, /Cannot use .*ENOTDIR/)
  assert.ok(!readdirSync(worker.dataDir).includes('backup'))
  const wrong = await worker.rest('POST', '/admin/backup', { directory: 5 })
  assert.equal(wrong.status, 400)
})
