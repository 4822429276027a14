import { chmodSync, cpSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readableForUser } from '../../src/embedded/postgres/place-for-user.ts'
import type { SystemUser } from '../../src/embedded/postgres/unprivileged-user.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A copy of the program that others can read, wherever the checkout is: nobody else can enter one below `/root`. */
export interface ProgramForUser extends Disposable {
  readonly root: string
  /** The Node.js that runs this test, where the user finds it. */
  readonly node: string
}

export async function programForUser(user: SystemUser | null): Promise<ProgramForUser> {
  const installed = realpathSync(join(root, 'node_modules'))
  const modules = await readableForUser(installed, user)
  const place = mkdtempSync(join(tmpdir(), 'tailrace-program-'))
  chmodSync(place, 0o755)
  for (const name of ['package.json', 'src']) cpSync(join(root, name), join(place, name), { recursive: true })
  symlinkSync(modules, join(place, 'node_modules'))
  return {
    root: place,
    node: process.execPath.replace(installed, modules),
    [Symbol.dispose]: () => rmSync(place, { recursive: true, force: true }),
  }
}
