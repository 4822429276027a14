import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where downloads are kept. Root's home is closed to the users that servers run as. */
export function testCache(): string {
  const configured = process.env['TAILRACE_TEST_CACHE']
  if (configured !== undefined) return configured
  return process.getuid?.() === 0 ? '/var/cache/tailrace-test' : join(homedir(), '.cache', 'tailrace-test')
}
