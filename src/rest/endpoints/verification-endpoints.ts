import type { JsonObject } from '../../api/record.ts'
import type { Herder } from '../../connect/herder.ts'
import type { VerificationState } from '../../connect/verify/verification-state.ts'
import { ok, type Endpoint } from '../endpoint.ts'

/** Whether the documents of a sink are as the rows of its tables. */
export function verificationEndpoints(herder: Herder): readonly Endpoint[] {
  const path = '/connectors/:connector/verification'
  return [
    {
      method: 'POST',
      path,
      handle(request) {
        const isRepairing = request.query.get('repair')?.toLowerCase() === 'true'
        const state = herder.verifications.start(request.param('connector'), { isRepairing })
        return { status: 202, body: verificationJson(state) }
      },
    },
    {
      method: 'GET',
      path,
      handle: (request) => ok(verificationJson(herder.verifications.state(request.param('connector')))),
    },
    {
      method: 'DELETE',
      path,
      async handle(request) {
        await herder.verifications.stop(request.param('connector'))
        return { status: 204 }
      },
    },
  ]
}

export function verificationJson(state: VerificationState): JsonObject {
  switch (state.state) {
    case 'RUNNING':
      return { state: 'RUNNING', progress: { ...state.progress } }
    case 'FAILED':
      return { state: 'FAILED', message: state.message }
    case 'COMPLETED': {
      const { isComplete, differences, ...counts } = state.result
      return {
        state: 'COMPLETED',
        seconds: state.seconds,
        result: {
          ...counts,
          complete: isComplete,
          differences: differences.map(({ kind, index, id, isRepaired }) => ({
            kind,
            index,
            id,
            repaired: isRepaired,
          })),
        },
      }
    }
  }
}
