import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface SmallDisk extends AsyncDisposable {
  readonly path: string
  /** Makes it larger, while it is in use. */
  grow(megabytes: number): void
}

/** What keeps this process from mounting a file system in memory, or null. */
export function missingForSmallDisk(): string | null {
  return process.platform === 'linux' && process.getuid?.() === 0
    ? null
    : 'Linux and root, to mount a small disk (tmpfs)'
}

/** A file system of its own with so little room that a test can fill it. */
export async function mountSmallDisk(megabytes: number): Promise<SmallDisk> {
  const path = await mkdtemp(join(tmpdir(), 'tailrace-disk-'))
  command('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0700`, 'tmpfs', path)
  const unmount = async () => {
    process.off('exit', unmountNow)
    command('umount', path)
    await rm(path, { recursive: true, force: true })
  }
  const unmountNow = () => spawnSync('umount', ['--lazy', path])
  process.once('exit', unmountNow)
  return {
    path,
    grow: (larger) => command('mount', '-o', `remount,size=${larger}m`, path),
    [Symbol.asyncDispose]: unmount,
  }
}

function command(program: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed: ${stderr}`)
}
