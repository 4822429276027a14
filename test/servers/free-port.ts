import { randomInt } from 'node:crypto'
import { closeSync, mkdirSync, openSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A file for each port that some test process on this machine has been given. */
const GIVEN = join(tmpdir(), `tailrace-test-ports-${process.getuid?.() ?? 0}`)
/** Whoever left a file this old was killed: a test file has ten minutes. */
const FORGOTTEN_MS = 30 * 60_000

const ours = new Set<string>()

/**
 * A port that nobody listens on, and that no other test process is given while this one lives: a server of a test is
 * away for a while when it is killed, and some take half a minute before they listen. Below the range that systems give
 * to outgoing connections: one of those could take the port before the server does.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(15_000, 32_000)
    if (reserve(port) && (await isFree(port))) return port
  }
}

function reserve(port: number): boolean {
  mkdirSync(GIVEN, { recursive: true })
  const file = join(GIVEN, String(port))
  try {
    if (Date.now() - statSync(file).mtimeMs > FORGOTTEN_MS) rmSync(file, { force: true })
  } catch {
    // Nobody has it.
  }
  try {
    closeSync(openSync(file, 'wx'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
  if (ours.size === 0) process.once('exit', release)
  ours.add(file)
  return true
}

function release(): void {
  for (const file of ours) rmSync(file, { force: true })
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
