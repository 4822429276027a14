import type { JsonValue } from '../../api/record.ts'
import { call, refusal, request } from '../worker-client.ts'
import type { ReadFrom, RecordsRead, TopicClient, TopicShape } from './topic-client.ts'

/** The topics of a worker, by its REST API. */
export class WorkerTopics implements TopicClient {
  readonly #url: string

  constructor(url: string) {
    this.#url = url
  }

  async list(): Promise<readonly string[]> {
    return (await call(this.#url, 'GET', '/topics')) as readonly string[]
  }

  async describe(topic: string): Promise<TopicShape | null> {
    const path = pathOf(topic)
    const answer = await request(this.#url, 'GET', path)
    if (answer.status === 404) return null
    if (answer.status !== 200) throw refusal(answer, `GET ${path}`)
    return answer.body as TopicShape
  }

  async create(topic: string, partitions: number): Promise<TopicShape> {
    return (await call(this.#url, 'PUT', pathOf(topic), { partitions })) as TopicShape
  }

  async read(
    { topic, partition, offset }: ReadFrom,
    limit: number,
    signal: AbortSignal,
  ): Promise<RecordsRead> {
    const path = `${pathOf(topic)}/records`
    const query = `partition=${partition}&offset=${offset}&limit=${limit}`
    const answer = await request(this.#url, 'GET', `${path}?${query}`, undefined, signal)
    if (answer.status !== 200) throw refusal(answer, `GET ${path}`)
    return answer.body as RecordsRead
  }

  async append(topic: string, records: readonly JsonValue[]): Promise<void> {
    await call(this.#url, 'POST', `${pathOf(topic)}/records`, { records })
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

function pathOf(topic: string): string {
  return `/topics/${encodeURIComponent(topic)}`
}
