import { pbkdf2Sync, randomBytes } from 'node:crypto'
import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Identity } from './certificates.ts'

/** TLS, and who may do what. */
export interface ElasticsearchSecurity {
  /** A user who may do anything. */
  readonly user: string
  readonly password: string
  readonly identity: Identity
  /** PEM of who signed the server's certificate. */
  readonly authority: string
  /** Others with passwords and roles. */
  readonly users?: readonly { readonly name: string; readonly password: string; readonly role: string }[]
  /** roles.yml. Its text is JSON, which YAML includes. */
  readonly roles?: Readonly<Record<string, object>>
  /** Secrets of service accounts by name: `elastic/enterprise-search-server/token`. */
  readonly serviceTokens?: Readonly<Record<string, string>>
}

/** Writes the files that security needs into a configuration directory, and answers the settings that name them. */
export async function secure(
  config: string,
  { user, password, identity, users = [], roles = {}, serviceTokens = {} }: ElasticsearchSecurity,
): Promise<Record<string, string>> {
  const everybody = [{ name: user, password, role: 'superuser' }, ...users]
  const write = (file: string, lines: readonly string[]) => writeFile(join(config, file), lines.join(''))
  await copyFile(identity.key, join(config, 'http.key'))
  await copyFile(identity.certificate, join(config, 'http.crt'))
  await write(
    'users',
    everybody.map(({ name, password }) => `${name}:${hash(password)}\n`),
  )
  await write(
    'users_roles',
    everybody.map(({ name, role }) => `${role}:${name}\n`),
  )
  await write(
    'roles.yml',
    Object.entries(roles).map(([name, role]) => `${name}: ${JSON.stringify(role)}\n`),
  )
  await write(
    'service_tokens',
    Object.entries(serviceTokens).map(([name, secret]) => `${name}:${hash(secret)}\n`),
  )
  return {
    'xpack.security.enabled': 'true',
    'xpack.security.http.ssl.enabled': 'true',
    'xpack.security.http.ssl.key': 'http.key',
    'xpack.security.http.ssl.certificate': 'http.crt',
  }
}

/** What the owner of a service account's token sends. */
export function bearerToken(name: string, secret: string): string {
  return Buffer.concat([Buffer.from([0, 1, 0, 1]), Buffer.from(`${name}:${secret}`)]).toString('base64')
}

/** As Elasticsearch keeps passwords in its files. */
function hash(password: string): string {
  const iterations = 10_000
  const salt = randomBytes(32)
  const hashed = pbkdf2Sync(password, salt, iterations, 32, 'sha512')
  return `{PBKDF2}${iterations}$${salt.toString('base64')}$${hashed.toString('base64')}`
}
