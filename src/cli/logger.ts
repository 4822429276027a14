import pino from 'pino'
import { ConfigError } from '../api/errors.ts'

const LEVELS = [...Object.keys(pino.levels.values), 'silent']

/**
 * Structured logs, a line of JSON each. Written synchronously: there are few of them, and the last one before a crash is
 * the one that counts.
 *
 * @param file where to; standard error by default
 */
export function createLogger(file?: string): pino.Logger {
  const level = process.env['TAILRACE_LOG_LEVEL'] || 'info'
  if (!LEVELS.includes(level)) {
    throw new ConfigError(
      'connect.config-invalid',
      `TAILRACE_LOG_LEVEL is ${level}; it must be one of ${LEVELS.join(', ')}`,
    )
  }
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: file ?? 2, sync: true, mkdir: true, mode: 0o600 }),
  )
}
