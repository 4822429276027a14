import { judgeAnswer } from '../bulk/request-outcome.ts'
import type { Answer } from '../client/client.ts'
import { describeFailure, parseFailureAnswer } from '../client/elasticsearch-error.ts'
import { IndexScroll } from '../client/index-scroll.ts'
import { indexUnusable } from '../client/index-unusable.ts'
import type { PatientRequests } from '../client/patient-requests.ts'

const PAGE = 2000
const BULK_PATH = '/_bulk?filter_path=errors,items.*.status,items.*.error'

/** Empties an index of what was written up to a version, as a truncated table asks for. */
export class OlderDocuments {
  readonly #requests: PatientRequests
  readonly #scroll: IndexScroll

  constructor(requests: PatientRequests) {
    this.#requests = requests
    this.#scroll = new IndexScroll(requests)
  }

  /**
   * Deletes the documents of an index whose version is not higher. Everything that was sent before must be done. Newer
   * documents stay: their changes came after. Throws `elasticsearch.index-unusable`.
   */
  async deleteUpTo(index: string, version: bigint): Promise<void> {
    // An index that is deleted meanwhile has nothing left to delete.
    await this.#scroll.read(index, { size: PAGE, _source: false }, ({ bytes, hits }) =>
      this.#delete(
        index,
        hits.map(([start, end]) => JSON.parse(bytes.toString('utf8', start, end)) as Hit),
        version,
      ),
    )
  }

  /** What is refused for a cause that passes, as by an index that is read-only, is sent again with the rest of its page. */
  async #delete(index: string, hits: readonly Hit[], version: bigint): Promise<void> {
    const what = `delete documents of index ${index}`
    const lines = hits.map(
      ({ _id: id, _routing: routing }) =>
        `{"delete":{"_index":${JSON.stringify(index)},"_id":${JSON.stringify(id)},${routing === undefined ? '' : `"routing":${JSON.stringify(routing)},`}"version":${version},"version_type":"external_gte"}}\n`,
    )
    const request = {
      method: 'POST',
      path: BULK_PATH,
      body: Buffer.from(lines.join('')),
      contentType: 'application/x-ndjson',
    } as const
    const answer = await this.#requests.send(what, request, (answer) => notYet(answer, hits.length))
    const outcome = judgeAnswer(answer, hits.length)
    if (outcome.kind === 'done') return
    if (outcome.kind !== 'items') throw indexUnusable(what, parseFailureAnswer(answer.status, answer.bytes))
    // The index was deleted meanwhile, or the document is newer: neither is left to delete.
    for (const verdict of outcome.verdicts) {
      if ('failure' in verdict && verdict.kind !== 'index-missing') throw indexUnusable(what, verdict.failure)
    }
  }
}

/** Why documents are to be deleted once more; null: the answer is the last word. */
function notYet(answer: Answer, count: number): string | null {
  const outcome = judgeAnswer(answer, count)
  if (outcome.kind === 'retry') return outcome.reason
  if (outcome.kind !== 'items') return null
  for (const verdict of outcome.verdicts)
    if (verdict.kind === 'retry') return describeFailure(verdict.failure)
  return null
}

interface Hit {
  readonly _id: string
  readonly _routing?: string
}
