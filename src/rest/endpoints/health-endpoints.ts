import type { HealthProblem } from '../../connect/health/health-watch.ts'
import type { Herder } from '../../connect/herder.ts'
import { ok, type Answer, type Endpoint } from '../endpoint.ts'

/** What knows of connectors that do not do what they should. */
export interface ConnectorHealth {
  problems(): readonly HealthProblem[]
}

/** The log has to answer within this time. Kafka Connect gives its own check ten seconds. */
const LOG_TIMEOUT_MS = 10_000
/** A topic that nobody has: the log has to look for it. */
const NO_TOPIC = '__tailrace-health'

const READY = 'Worker has completed startup and is ready to handle requests.'
const NOT_READY = 'Worker was unable to handle this request and may be unable to handle other requests: '

/** Whether the worker is well, and whether its connectors are. Who watches the worker needs no login; names and reasons do. */
export function healthEndpoints(herder: Herder, health: ConnectorHealth): readonly Endpoint[] {
  return [
    {
      method: 'GET',
      path: '/health',
      async handle() {
        const failure = await logFailure(herder)
        if (failure !== null) return unhealthy(500, NOT_READY + failure)
        const count = health.problems().length
        // With a connector in trouble the worker itself is well: restarting it would help nobody.
        return ok({
          status: 'healthy',
          message: READY,
          ...(count === 0 ? {} : { connector_problems: count }),
        })
      },
    },
    {
      method: 'GET',
      path: '/health/live',
      handle: () => ok({ status: 'healthy', message: 'Worker is alive.' }),
    },
    {
      method: 'GET',
      path: '/health/ready',
      async handle() {
        const failure = await logFailure(herder)
        return failure === null
          ? ok({ status: 'healthy', message: READY })
          : unhealthy(503, NOT_READY + failure)
      },
    },
    {
      method: 'GET',
      path: '/health/connectors',
      handle() {
        const problems = health.problems()
        const found = problems.map(({ connector, task, reason }) => ({ connector, task, reason }))
        const [status, message] =
          problems.length === 0
            ? (['healthy', 'All connectors do what they should.'] as const)
            : (['unhealthy', `${problems.length} problem(s) of connectors`] as const)
        return { status: problems.length === 0 ? 200 : 503, body: { status, message, problems: found } }
      },
    },
  ]
}

/** The server listens only once the worker has started: what remains is whether its log answers. Null: it does. */
async function logFailure(herder: Herder): Promise<string | null> {
  const { promise, resolve } = Promise.withResolvers<string>()
  const timer = setTimeout(
    () => resolve(`the log did not answer within ${LOG_TIMEOUT_MS} ms`),
    LOG_TIMEOUT_MS,
  )
  const answered = herder.log.describeTopic(NO_TOPIC).then(
    () => null,
    () => 'the log does not answer',
  )
  try {
    return await Promise.race([answered, promise])
  } finally {
    clearTimeout(timer)
  }
}

function unhealthy(status: number, message: string): Answer {
  return { status, body: { status: 'unhealthy', message } }
}
