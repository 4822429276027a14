import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { ConfigError } from '../api/errors.ts'

/** How a command shows who it is; each may come from the environment instead. */
export interface LoginFlags {
  readonly user?: string
  readonly passwordFile?: string
  readonly token?: string
  readonly cacert?: string
}

/**
 * The `Authorization` header of a command's calls, or null: none is needed. The password comes from a file, the
 * environment, or is asked for; never from the command line, which others can see. Throws `ConfigError`.
 */
export async function authorizationOf(
  { user, passwordFile, token }: LoginFlags,
  environment: NodeJS.ProcessEnv,
  ask: (question: string) => Promise<string | null> = askHidden,
): Promise<string | null> {
  if (user === undefined) return token === undefined ? null : `Bearer ${token}`
  if (token !== undefined) throw refusal('Give --user or --token, not both')
  if (user.includes(':')) throw refusal('--user is the name alone; the password comes from --password-file')
  const password =
    passwordFile === undefined
      ? (environment['TAILRACE_PASSWORD'] ?? (await ask(`Password of ${user}: `)))
      : await readPassword(passwordFile)
  if (password === null) {
    throw refusal('There is nobody to ask for the password: give --password-file, or set TAILRACE_PASSWORD')
  }
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

/** Trusts the authorities of a PEM file for the calls of this process, beside those that it trusts anyway. */
export async function trustAuthority(file: string): Promise<void> {
  const pem = await read(file, '--cacert')
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) throw refusal(`${file} (--cacert) holds no certificate`)
  setDefaultCACertificates([...getCACertificates('default'), pem])
}

async function readPassword(file: string): Promise<string> {
  return (await read(file, '--password-file')).replace(/\r?\n$/, '')
}

function read(file: string, flag: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw new ConfigError('cli.file-unreadable', `${file} (${flag}) cannot be read`, { cause })
  })
}

/** Null where no terminal is there to answer. */
async function askHidden(question: string): Promise<string | null> {
  if (!process.stdin.isTTY) return null
  process.stderr.write(question)
  // What is typed is not shown.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true })
  try {
    return await new Promise((resolve) => {
      terminal.once('line', resolve)
      terminal.once('close', () => resolve(null))
    })
  } finally {
    terminal.close()
    process.stderr.write('\n')
  }
}

function refusal(message: string): ConfigError {
  return new ConfigError('cli.login-invalid', message)
}
