import { readFileSync } from 'node:fs'
import { ConnectError } from '../../api/errors.ts'

export interface SystemUser {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/**
 * Whom a server is run as: null for the present user; where that is root, an account without rights, because
 * PostgreSQL (and Elasticsearch) refuse to run as root. Throws `embedded.no-unprivileged-user`.
 */
export function unprivilegedUser(): SystemUser | null {
  if (process.getuid?.() !== 0) return null
  const accounts = readFileSync('/etc/passwd', 'utf8').split('\n')
  for (const name of ['postgres', 'nobody']) {
    const fields = accounts.find((line) => line.startsWith(`${name}:`))?.split(':')
    if (fields !== undefined) return { name, uid: Number(fields[2]), gid: Number(fields[3]) }
  }
  throw new ConnectError(
    'embedded.no-unprivileged-user',
    'PostgreSQL does not run as root, and this system has neither a user postgres nor a user nobody to run it as: start as another user.',
  )
}
