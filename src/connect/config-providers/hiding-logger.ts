import type { TaskLogger } from '../../api/source-task.ts'
import type { SecretValues } from './secret-values.ts'

const DEEPEST = 6

/** A logger that never writes one of these values. Made only for tasks that have some. */
export function hidingLogger(logger: TaskLogger, secrets: SecretValues): TaskLogger {
  const hidden = (fields: object): object => hideIn(fields, secrets, 0) as object
  return {
    debug: (fields, message) => logger.debug(hidden(fields), message),
    info: (fields, message) => logger.info(hidden(fields), message),
    warn: (fields, message) => logger.warn(hidden(fields), message),
    error: (fields, message) => logger.error(hidden(fields), message),
  }
}

function hideIn(value: unknown, secrets: SecretValues, depth: number): unknown {
  if (typeof value === 'string') return secrets.hide(value)
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  if (depth === DEEPEST) return '…'
  if (Array.isArray(value)) return value.map((entry) => hideIn(entry, secrets, depth + 1))
  const own = Object.entries(value).map(([name, entry]) => [name, hideIn(entry, secrets, depth + 1)])
  if (!(value instanceof Error)) return Object.fromEntries(own)
  // Loggers know errors by their class, so an error it stays.
  const copy = new Error(secrets.hide(value.message))
  copy.name = value.name
  copy.stack = secrets.hide(value.stack ?? '')
  if (value.cause !== undefined) copy.cause = hideIn(value.cause, secrets, depth + 1)
  return Object.assign(copy, Object.fromEntries(own))
}
