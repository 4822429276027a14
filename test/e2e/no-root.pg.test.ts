import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { directoryForUser, removeDirectoryForUser } from '../../src/embedded/postgres/place-for-user.ts'
import { unprivilegedUser } from '../../src/embedded/postgres/unprivileged-user.ts'
import { startPostgres } from '../servers/postgres.ts'
import { programForUser } from '../servers/program-for-user.ts'
import { startSearch } from '../servers/search.ts'
import { sinkConfig, sourceConfig, startWorker } from '../servers/worker.ts'
import { waitFor } from '../wait-for.ts'

const TOPIC = 'p.public.items'

test('a worker needs no right but to its data directory, which is its own alone', async (t) => {
  const user = unprivilegedUser()
  using program = await programForUser(user)
  const dataDir = await directoryForUser(mkdtempSync(join(tmpdir(), 'tailrace-no-root-')), user)
  t.after(() => removeDirectoryForUser(dataDir))
  const [postgres, search] = await Promise.all([startPostgres(), startSearch()])
  t.after(() => postgres.stop())
  t.after(() => search.stop())
  await postgres.query(
    "CREATE TABLE items (id int PRIMARY KEY, name text); INSERT INTO items VALUES (1, 'a')",
  )
  // Nothing of what this test may is left in its environment, or in the directory that it is started in.
  const env = { HOME: '/nonexistent', TMPDIR: '/nonexistent' }
  await using worker = await startWorker({ dataDir, cwd: '/', env, as: { user, program } })

  const status = readFileSync(`/proc/${worker.pid}/status`, 'utf8')
  const uid = user?.uid ?? process.getuid!()
  assert.notEqual(uid, 0)
  assert.match(status, new RegExp(`^Uid:${`\\t${uid}`.repeat(4)}$`, 'm'))
  assert.match(status, /^CapEff:\t0+$/m)
  await worker.create('items', sourceConfig(postgres, { 'table.include.list': 'public.items' }))
  await worker.create('search', sinkConfig(search.url, TOPIC))
  await waitFor('the document', async () => {
    await fetch(`${search.url}/_refresh`)
    const answer = await fetch(`${search.url}/${TOPIC}/_count`)
    return ((await answer.json()) as { readonly count: number }).count === 1
  })

  const names = readdirSync(dataDir, { recursive: true, encoding: 'utf8' })
  assert.ok(
    names.some((name) => name.endsWith('.log')),
    names.join(),
  )
  for (const name of ['', ...names]) {
    const found = statSync(join(dataDir, name))
    const mode = found.isDirectory() ? 0o700 : 0o600
    assert.deepEqual([found.uid, found.mode & 0o777], [uid, mode], name)
  }
})
