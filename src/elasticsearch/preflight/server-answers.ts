import type { ElasticsearchClient } from '../client/client.ts'
import { requestAgain } from '../client/late-answers.ts'

export interface JsonAnswer {
  readonly status: number
  /** Null: it is not JSON. */
  readonly body: unknown
}

/** Questions to a server whose answers are small. */
export class ServerAnswers {
  readonly #client: ElasticsearchClient

  constructor(client: ElasticsearchClient) {
    this.#client = client
  }

  /** Any status is an answer; throws where there is none. */
  async ask(method: 'GET' | 'POST', path: string, body?: object): Promise<JsonAnswer> {
    const { status, bytes } = await requestAgain(this.#client, {
      method,
      path,
      ...(body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) }),
    })
    try {
      return { status, body: JSON.parse(bytes.toString()) }
    } catch {
      return { status, body: null }
    }
  }

  /** The body of a success, or null: the server has no such thing, or this user may not see it. */
  async get<T>(path: string): Promise<T | null> {
    const { status, body } = await this.ask('GET', path)
    return status === 200 ? (body as T) : null
  }
}
