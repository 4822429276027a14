import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { ConfigResolver } from './config-resolver.ts'

const place = realpathSync(mkdtempSync(join(tmpdir(), 'tailrace-providers-')))
after(() => rmSync(place, { recursive: true, force: true }))

const allowed = join(place, 'allowed')
mkdirSync(allowed)
const file = join(allowed, 'db.properties')
writeFileSync(file, '# logins\npassword = s3cret\\u0021\nempty=\n')
writeFileSync(join(allowed, 'token'), 'line\n')
mkdirSync(join(allowed, 'folder'))
writeFileSync(join(place, 'outside.properties'), 'password=no\n')
symlinkSync(join(place, 'outside.properties'), join(allowed, 'link.properties'))

const resolver = new ConfigResolver(
  {
    'config.providers': 'file, dir,env,safe,safedir',
    'config.providers.file.class': 'org.apache.kafka.common.config.provider.FileConfigProvider',
    'config.providers.dir.class': 'org.apache.kafka.common.config.provider.DirectoryConfigProvider',
    'config.providers.env.class': 'org.apache.kafka.common.config.provider.EnvVarConfigProvider',
    'config.providers.env.param.allowlist.pattern': 'DB_.*',
    'config.providers.safe.class': 'org.apache.kafka.common.config.provider.FileConfigProvider',
    'config.providers.safe.param.allowed.paths': allowed,
    'config.providers.safedir.class': 'org.apache.kafka.common.config.provider.DirectoryConfigProvider',
    'config.providers.safedir.param.allowed.paths': allowed,
  },
  { DB_USER: 'scott', HOME: '/root' },
)

const resolved = (text: string): string | null => resolver.resolve({ option: text }).config['option'] ?? null

describe('variables of config providers', () => {
  const cases: readonly (readonly [text: string, value: string])[] = [
    [`\${file:${file}:password}`, 's3cret!'],
    [`\${file:${file}:empty}`, ''],
    [`\${file:${file}:none}`, `\${file:${file}:none}`],
    [`\${dir:${allowed}:token}`, 'line\n'],
    [`\${dir:${allowed}:folder}`, `\${dir:${allowed}:folder}`],
    [`\${dir:${allowed}:../outside.properties}`, `\${dir:${allowed}:../outside.properties}`],
    ['${env:DB_USER}', 'scott'],
    ['${env:HOME}', '${env:HOME}'],
    ['jdbc://${env:DB_USER}@h/${env:DB_USER}', 'jdbc://scott@h/scott'],
    [`\${safe:${file}:password}`, 's3cret!'],
    ['${other:a:b}', '${other:a:b}'],
    ['${topic}', '${topic}'],
    ['plain', 'plain'],
  ]
  for (const [text, value] of cases) {
    it(`make ${text.replace(place, '')} ${JSON.stringify(value.replace(place, ''))}`, () =>
      assert.equal(resolved(text), value))
  }

  it('are refused where the file is missing or not allowed, and where a path makes no sense', () => {
    const refused = (text: string, message: RegExp): void =>
      assert.throws(() => resolved(text), { name: 'ConfigError', message })
    refused('${file:/no/such/file:k}', /^Could not read properties from file \/no\/such\/file$/)
    refused(`\${safe:${place}/outside.properties:password}`, /is not allowed/)
    refused(`\${safe:${allowed}/../outside.properties:password}`, /is not allowed/)
    refused(`\${safe:${allowed}/link.properties:password}`, /is not allowed/)
    refused(`\${safedir:${place}:outside.properties}`, /is not allowed/)
    refused(`\${safedir:${allowed}:link.properties}`, /is not allowed/)
    const out = `\${dir:${allowed}:../outside.properties}`
    assert.equal(resolved(out), out, 'a key is the name of a file')
    refused('${env:path:DB_USER}', /^Path is not supported for EnvVarConfigProvider, invalid value 'path'$/)
  })

  it('are those of the environment that the pattern allows', () => {
    assert.equal(resolved('${env:DB_USER}'), 'scott')
    assert.equal(resolved('${env:HOME}'), '${env:HOME}')
  })

  it('leave nulls and absent properties alone', () => {
    assert.deepEqual(resolver.resolve({ a: null, b: '${env:DB_USER}' }).config, { a: null, b: 'scott' })
  })

  it('are told from other text by their provider', () => {
    assert.equal(resolver.hasVariables('x ${env:DB_USER}'), true)
    assert.equal(resolver.hasVariables('${other:DB_USER}'), false)
    assert.equal(resolver.hasVariables(null), false)
  })
})

describe('values of config providers', () => {
  it('are hidden in every form in which they leave the worker', () => {
    const { secrets } = resolver.resolve({ a: `\${file:${file}:password}`, b: '${env:DB_USER}' })
    assert.equal(secrets.hide('login scott / s3cret!'), `login \${env:DB_USER} / \${file:${file}:password}`)
    const odd = new ConfigResolver(
      { 'config.providers': 'env', 'config.providers.env.class': 'EnvVarConfigProvider' },
      { A: 'p"ä/', N: '7' },
    ).resolve({ a: '${env:A}', n: '${env:N}' }).secrets
    assert.equal(odd.hide('{"v":"p\\"ä/"} http://u:p%22%C3%A4%2F@h'), '{"v":"${env:A}"} http://u:${env:A}@h')
    assert.equal(odd.hide('7 of 77'), '${env:N} of 77')
  })
})

describe('config.providers', () => {
  const refused = (properties: Record<string, string>, message: RegExp): void =>
    assert.throws(() => new ConfigResolver({ 'config.providers': 'x', ...properties }), message)

  it('must name classes that there are, and paths that exist', () => {
    refused(
      { 'config.providers.x.class': 'y.Z' },
      /config\.providers\.x\.class: Class y\.Z could not be found/,
    )
    refused(
      {
        'config.providers.x.class': 'org.apache.kafka.common.config.provider.FileConfigProvider',
        'config.providers.x.param.allowed.paths': 'relative',
      },
      /Path relative in config\.providers\.x\.param\.allowed\.paths is not valid/,
    )
  })
})
