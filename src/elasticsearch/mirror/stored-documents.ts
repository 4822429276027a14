import { parseFailureAnswer } from '../client/elasticsearch-error.ts'
import { indexUnusable, notElasticsearch } from '../client/index-unusable.ts'
import type { PatientRequests } from '../client/patient-requests.ts'
import { rawFields } from './raw-fields.ts'

/** What is in an index already. */
export class StoredDocuments {
  readonly #requests: Pick<PatientRequests, 'send'>

  constructor(requests: Pick<PatientRequests, 'send'>) {
    this.#requests = requests
  }

  /** The fields of a document, as written last, indexed or not; null: there is none. */
  async read(index: string, id: string, routing: string | null): Promise<ReadonlyMap<string, string> | null> {
    const source = (await this.#get(index, id, { routing }))?.get('_source')
    return source === undefined ? null : rawFields(source)
  }

  /** The version of a document, as written last; null: there is none. */
  async version(index: string, id: string, routing: string | null): Promise<bigint | null> {
    const answer = await this.#get(index, id, { routing, parameters: '_source=false' })
    const version = answer?.get('_version')
    return version === undefined ? null : BigInt(version)
  }

  /** The fields of the answer; null: there is no such document. */
  async #get(
    index: string,
    id: string,
    { routing, parameters = '' }: { readonly routing: string | null; readonly parameters?: string },
  ): Promise<ReadonlyMap<string, string> | null> {
    const shard = routing === null ? '' : `routing=${encodeURIComponent(JSON.parse(routing) as string)}`
    const query = [parameters, shard].filter((part) => part !== '').join('&')
    const path = `/${encodeURIComponent(index)}/_doc/${encodeURIComponent(id)}${query === '' ? '' : `?${query}`}`
    const what = `read document '${id}' of index ${index}`
    const { status, bytes } = await this.#requests.send(what, { method: 'GET', path })
    if (status === 404) return null
    if (status !== 200) throw indexUnusable(what, parseFailureAnswer(status, bytes))
    const fields = rawFields(bytes.toString())
    if (fields.get('found') !== 'true') throw notElasticsearch(what)
    return fields
  }
}
