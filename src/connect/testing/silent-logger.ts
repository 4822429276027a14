import { inspect } from 'node:util'
import type { TaskLogger } from '../../api/source-task.ts'

const show = (level: string) => (fields: object, message: string) => {
  if (process.env['TAILRACE_TEST_LOG'] !== undefined)
    process.stderr.write(`${level} ${message} ${inspect(fields)}\n`)
}

/** Says nothing unless TAILRACE_TEST_LOG is set. */
export const silentLogger: TaskLogger = {
  debug: show('debug'),
  info: show('info'),
  warn: show('warn'),
  error: show('error'),
}
