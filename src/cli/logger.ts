import pino from 'pino'

/**
 * Structured logs, a line of JSON each. Written synchronously: there are few of them, and the last one before a crash is
 * the one that counts.
 *
 * @param file where to; standard error by default
 */
export function createLogger(file?: string): pino.Logger {
  const level = process.env['TAILRACE_LOG_LEVEL'] ?? 'info'
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: file ?? 2, sync: true, mkdir: true, mode: 0o600 }),
  )
}
