import { text } from 'node:stream/consumers'
import { ConfigError } from '../api/errors.ts'
import { hashPassword } from '../rest/access/password-hash.ts'

/** `tailrace hash-password`: the password comes on standard input, so that no history keeps it. */
export async function printPasswordHash(): Promise<void> {
  const password = (await text(process.stdin)).replace(/\r?\n$/, '')
  if (password === '') throw new ConfigError('connect.config-invalid', 'No password came on standard input')
  console.log(await hashPassword(password))
}
