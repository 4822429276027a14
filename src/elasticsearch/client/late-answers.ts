import { ConnectError } from '../../api/errors.ts'
import { LateError, type Answer, type ClientRequestOptions, type ElasticsearchClient } from './client.ts'

const TRIES = 3

/** Asks a server that is late again: it may only be busy, and nobody is to be told that it is not there. */
export async function requestAgain(
  client: ElasticsearchClient,
  request: ClientRequestOptions,
): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    try {
      return await client.request(request)
    } catch (error) {
      const isLate = error instanceof ConnectError && error.cause instanceof LateError
      if (!isLate || tries === TRIES) throw error
    }
  }
}
