import { ok, type Endpoint } from '../endpoint.ts'
import { invalidBody, objectOf, textBody } from '../json-body.ts'
import type { LogLevels } from '../log-levels.ts'

/** Log levels, to be changed while the worker runs. */
export function loggerEndpoints(levels: LogLevels): readonly Endpoint[] {
  return [
    {
      method: 'GET',
      path: '/admin/loggers',
      handle: () =>
        ok(
          Object.fromEntries(
            levels
              .all()
              .map(([name, { level, lastModified }]) => [name, { level, last_modified: lastModified }]),
          ),
        ),
    },
    {
      method: 'GET',
      path: '/admin/loggers/:logger',
      handle(request) {
        const { level, lastModified } = levels.get(request.param('logger'))
        return ok({ level, last_modified: lastModified })
      },
    },
    {
      method: 'PUT',
      path: '/admin/loggers/:logger',
      handle(request) {
        const level = objectOf(textBody(request.body), 'The request')['level'] ?? null
        if (level !== null && typeof level !== 'string') throw invalidBody('The field "level" must be text')
        const changed = levels.set(request.param('logger'), level)
        return request.query.get('scope')?.toLowerCase() === 'cluster' ? { status: 204 } : ok(changed)
      },
    },
  ]
}
