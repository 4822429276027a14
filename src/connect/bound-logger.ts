import type { TaskLogger } from '../api/source-task.ts'

/** A logger that adds fields to every entry. */
export function boundLogger(logger: TaskLogger, bound: object): TaskLogger {
  return {
    debug: (fields, message) => logger.debug({ ...bound, ...fields }, message),
    info: (fields, message) => logger.info({ ...bound, ...fields }, message),
    warn: (fields, message) => logger.warn({ ...bound, ...fields }, message),
    error: (fields, message) => logger.error({ ...bound, ...fields }, message),
  }
}
