import type { Herder } from '../../connect/herder.ts'
import { ok, type Endpoint } from '../endpoint.ts'
import { invalidBody, objectOf, textBody } from '../json-body.ts'
import type { LogLevels } from '../log-levels.ts'

/** Log levels, to be changed while the worker runs. */
export function loggerEndpoints(levels: LogLevels, { group }: Herder): readonly Endpoint[] {
  group?.onLoggerLevel((logger, level) => levels.follow(logger, level))
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
      async handle(request) {
        const level = objectOf(textBody(request.body), 'The request')['level'] ?? null
        if (level !== null && typeof level !== 'string') throw invalidBody('The field "level" must be text')
        const logger = request.param('logger')
        if (request.query.get('scope')?.toLowerCase() !== 'cluster') return ok(levels.set(logger, level))
        if (group === null) levels.set(logger, level)
        else await group.setLoggerLevel(logger, levels.known(level))
        return { status: 204 }
      },
    },
  ]
}
