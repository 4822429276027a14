import { pbkdf2Sync, randomBytes } from 'node:crypto'
import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Identity } from './certificates.ts'

/** A user who may do anything, and TLS. */
export interface ElasticsearchSecurity {
  readonly user: string
  readonly password: string
  readonly identity: Identity
  /** PEM of who signed the server's certificate. */
  readonly authority: string
}

/** Writes the files that security needs into a configuration directory, and answers the settings that name them. */
export async function secure(
  config: string,
  { user, password, identity }: ElasticsearchSecurity,
): Promise<Record<string, string>> {
  await copyFile(identity.key, join(config, 'http.key'))
  await copyFile(identity.certificate, join(config, 'http.crt'))
  await writeFile(join(config, 'users'), `${user}:${passwordHash(password)}\n`)
  await writeFile(join(config, 'users_roles'), `superuser:${user}\n`)
  return {
    'xpack.security.enabled': 'true',
    'xpack.security.authc.api_key.enabled': 'true',
    'xpack.security.http.ssl.enabled': 'true',
    'xpack.security.http.ssl.key': 'http.key',
    'xpack.security.http.ssl.certificate': 'http.crt',
  }
}

/** As the file realm of Elasticsearch reads it. */
function passwordHash(password: string): string {
  const iterations = 10_000
  const salt = randomBytes(32)
  const hash = pbkdf2Sync(password, salt, iterations, 32, 'sha512')
  return `{PBKDF2}${iterations}$${salt.toString('base64')}$${hash.toString('base64')}`
}
