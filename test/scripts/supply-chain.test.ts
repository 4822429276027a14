import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const place = mkdtempSync(join(tmpdir(), 'tailrace-supply-chain-'))
after(() => rmSync(place, { recursive: true, force: true }))

interface LockedPackage {
  readonly version?: string
  readonly dev?: boolean
  readonly link?: boolean
}

async function runScript(name: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(root, 'scripts', name), ...args],
    {
      env: { ...process.env, ...env, npm_config_cache: join(place, 'cache') },
    },
  )
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number]
  return { code, said }
}

test('the SBOM has every package that is installed with tailrace, with its version, and no other', async () => {
  const file = join(place, 'sbom.json')
  const { code, said } = await runScript('sbom.ts', [file])
  assert.equal(code, 0, said)
  const { bomFormat, components } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly bomFormat: string
    readonly components: readonly { readonly purl: string }[]
  }
  assert.equal(bomFormat, 'CycloneDX')
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, LockedPackage>>
  }
  const locked = Object.entries(packages)
    .filter(([path, { dev }]) => path !== '' && dev !== true)
    .map(
      ([path, { version }]) =>
        `pkg:npm/${path.replace(/^.*node_modules\//, '').replace('@', '%40')}@${version}`,
    )
  const listed = new Set(components.map(({ purl }) => purl))
  assert.ok(locked.length > 20)
  assert.deepEqual([...listed].toSorted(), [...new Set(locked)].toSorted())
})

test('a licence that asks for more than its notice fails the check', async () => {
  const lock = join(place, 'package-lock.json')
  const check = async (license?: string, more: object = {}) => {
    const packages = { '': { name: 'x' }, 'node_modules/left': { version: '1.0.0', license, ...more } }
    writeFileSync(lock, JSON.stringify({ packages }))
    return runScript('check-licences.ts', [lock])
  }
  for (const allowed of ['MIT', '(GPL-3.0 OR Apache-2.0)'])
    assert.equal((await check(allowed)).code, 0, allowed)
  for (const refused of ['AGPL-3.0', undefined]) {
    const { code, said } = await check(refused)
    assert.equal(code, 1, refused)
    assert.match(said, /^left 1\.0\.0: .* is not among the allowed licences/)
  }
  assert.equal((await check('AGPL-3.0', { dev: true })).code, 0)
  assert.equal((await runScript('check-licences.ts', [])).code, 0)
})

test('an advisory about what is installed fails the check; a registry that does not answer is told, and does not', async () => {
  const advisory = {
    id: 1,
    url: 'https://example.com/1',
    title: 'bad',
    severity: 'high',
    vulnerable_versions: '*',
  }
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules/re2js/package.json'), 'utf8')) as {
    version: string
  }
  const metadata = {
    name: 're2js',
    versions: { [version]: { name: 're2js', version } },
    'dist-tags': { latest: version },
  }
  let isAnswering = true
  const registry = createServer((request, response) => {
    request.resume().on('end', () => {
      if (!isAnswering) {
        response.writeHead(405).end()
        return
      }
      const isAudit = request.method === 'POST'
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(isAudit ? { re2js: [advisory] } : metadata))
    })
  }).listen(0, '127.0.0.1')
  await once(registry, 'listening')
  const env = { npm_config_registry: `http://127.0.0.1:${(registry.address() as AddressInfo).port}/` }
  try {
    const found = await runScript('check-advisories.ts', [], env)
    assert.match(found.said, /re2js \*: an advisory is known \(high\)/)
    assert.equal(found.code, 1)
    isAnswering = false
    const refused = await runScript('check-advisories.ts', [], env)
    assert.match(refused.said, /^Not checked: no registry could be asked for advisories \(405/)
    assert.equal(refused.code, 0)
  } finally {
    registry.close()
  }
  const alone = await runScript('check-advisories.ts', [], env)
  assert.match(alone.said, /^Not checked: no registry could be asked/)
  assert.equal(alone.code, 0)
})
