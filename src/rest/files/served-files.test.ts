import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { Credentials } from '../access/credentials.ts'
import { OPEN_ACCESS } from '../access/rest-access.ts'
import { RestClient } from '../testing/rest-client.ts'
import { readServedFile } from './served-files.ts'

test('no name leads out of the folder of the console, or to what is no file of a page', async (t) => {
  const place = mkdtempSync(join(tmpdir(), 'tailrace-served-'))
  t.after(() => rmSync(place, { recursive: true }))
  const outside = join(place, 'package.json')
  const names = [
    '../package.json',
    'assets/../../package.json',
    'files/../../package.json',
    'files/.built-from',
    '.built-from.json',
    'licenses.md',
    'assets/..%2f..%2fpackage.json',
    '%2e%2e/package.json',
    outside,
    `/${outside}`,
    pathToFileURL(outside).href,
  ]
  writeFileSync(outside, '{}')
  for (const folder of ['console', 'docs'] as const) {
    for (const directory of ['assets', 'files'])
      mkdirSync(join(place, folder, directory), { recursive: true })
    for (const file of ['page.html', 'assets/a.js', 'files/.built-from', '.built-from.json', 'licenses.md']) {
      writeFileSync(join(place, folder, file), 'text')
    }
    const read = (name: string) =>
      readServedFile(folder, name, { takesGzip: true, places: [pathToFileURL(`${place}/`)] })
    for (const name of ['page.html', 'assets/a.js'])
      assert.equal((await read(name))?.bytes.toString(), 'text')
    for (const name of names) assert.equal(await read(name), null, name)
  }
})

test('the console is below its own path, and asks for no login itself while its calls do', async () => {
  const credentials = await Credentials.load(null, 't0ken', new Map([['ann', 'secret']]))
  await using client = await RestClient.start(60_000, { ...OPEN_ACCESS, credentials })
  const moved = await client.call('GET', '/console', { headers: { accept: 'text/html' } })
  assert.deepEqual([moved.status, moved.headers.location], [308, 'console/'])
  // Built or not.
  const page = await client.call('GET', '/console/', { headers: { accept: 'text/html' } })
  assert.ok([200, 404].includes(page.status), String(page.status))
  assert.equal((await client.call('GET', '/events')).status, 401)
  const asked = await client.call('GET', '/connectors')
  assert.match(String(asked.headers['www-authenticate']), /^Basic /)
  const byConsole = await client.call('GET', '/connectors', {
    headers: { 'x-requested-with': 'tailrace-console' },
  })
  assert.equal(byConsole.status, 401)
  assert.doesNotMatch(
    String(byConsole.headers['www-authenticate']),
    /Basic/i,
    'the browser would ask beside it',
  )
})

test('what a path holds begins no header of the answer', async () => {
  await using client = await RestClient.start()
  const { status, headers } = await client.call('GET', '/docs/a%0D%0Ax-forged:%201/')
  assert.deepEqual([status, headers['x-forged']], [308, undefined])
  assert.equal(headers.location, '../a%0D%0Ax-forged%3A%201')
})
