import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import pino from 'pino'
import { TestAuthority } from '../../test/servers/certificates.ts'
import { runCli } from '../../test/servers/cli.ts'
import { hashPassword } from '../rest/access/password-hash.ts'
import { startWorker, type RunningWorker } from './compose.ts'

describe('commands and a worker that is protected', () => {
  const authority = new TestAuthority()
  after(() => authority[Symbol.dispose]())
  let worker: RunningWorker

  before(async () => {
    const users = join(authority.place, 'users')
    writeFileSync(users, `ann:${await hashPassword('s3cret')}\n`)
    const properties = {
      listeners: 'https://127.0.0.1:0',
      'listeners.https.ssl.keystore.location': authority.issue('worker').pem,
      'rest.auth.users.file': users,
      'rest.auth.bearer.token': 't0ken',
      'data.dir': join(authority.place, 'data'),
    }
    worker = await startWorker({ properties, version: 'test', logger: pino({ level: 'silent' }) })
  })
  after(() => worker.close())

  const list = (env: Record<string, string>, ...flags: readonly string[]) =>
    runCli(['topics', 'list', '--url', worker.url, ...flags], { env })
  const trusting = ['--cacert', authority.certificate]

  test('get in with a password, or with a token', async () => {
    assert.match(worker.url, /^https:/)
    const results = await Promise.all([
      list({ TAILRACE_PASSWORD: 's3cret' }, ...trusting, '--user', 'ann'),
      list({ TAILRACE_TOKEN: 't0ken', TAILRACE_CACERT: authority.certificate }),
    ])
    for (const { status, stderr } of results) assert.deepEqual([status, stderr], [0, ''])
  })

  test('are told what is missing', async () => {
    const [nobody, wrong, untrusting] = await Promise.all([
      list({}, ...trusting),
      list({ TAILRACE_PASSWORD: 'x' }, ...trusting, '--user', 'ann'),
      list({ TAILRACE_TOKEN: 't0ken' }),
    ])
    assert.match(nobody.stderr, /wants a login.*--user or --token/)
    assert.match(wrong.stderr, /wants a login/)
    assert.match(untrusting.stderr, /No worker answers at https:.*certificate/)
  })
})
