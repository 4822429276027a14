import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { openEmbeddedLog, type EmbeddedLog, type EmbeddedLogOptions } from '../embedded-log.ts'

/** A directory that is gone after the test. */
export function temporaryDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'tailrace-log-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** A log that is closed after the test; in a new directory where none is given. */
export async function temporaryLog(
  t: TestContext,
  options: Partial<EmbeddedLogOptions> = {},
): Promise<EmbeddedLog> {
  const log = await openEmbeddedLog({ dataDir: options.dataDir ?? temporaryDirectory(t), ...options })
  t.after(() => log.close())
  return log
}
