import type { ConnectorConfig } from '../../api/config-def.ts'
import { ConfigError } from '../../api/errors.ts'
import type { DocumentQuery, DocumentSearch, FoundDocuments, VerificationContext } from '../../api/plugin.ts'
import type { JsonValue } from '../../api/record.ts'
import { ElasticsearchClient } from '../client/client.ts'
import { describeFailure, parseFailureAnswer } from '../client/elasticsearch-error.ts'
import { indexUnusable, notElasticsearch } from '../client/index-unusable.ts'
import { IndexKeeper } from '../indices/index-keeper.ts'
import { PatientRequests } from '../client/patient-requests.ts'
import { sinkOptions } from '../sink-options.ts'
import { TopicTargets } from '../indices/topic-targets.ts'

/** Somebody waits for the answer. */
const MOST_RETRIES = 1

/** Searches the indices of a sink, with the login that the sink has. */
export class ElasticsearchSearch implements DocumentSearch {
  readonly #client: ElasticsearchClient
  readonly #requests: PatientRequests
  readonly #targets: TopicTargets

  constructor(config: ConnectorConfig, context: VerificationContext) {
    const options = sinkOptions(config)
    this.#client = new ElasticsearchClient(options.client)
    const patience = { retryBackoffMs: options.writer.retryBackoffMs, maxRetries: MOST_RETRIES }
    this.#requests = new PatientRequests(this.#client, patience, { context, random: Math.random })
    this.#targets = new TopicTargets(options.documents, new IndexKeeper(this.#requests, context.log))
  }

  indexOf(topic: string): string {
    return this.#targets.of(topic, Date.now()).index
  }

  async search({ index, query, from, size }: DocumentQuery): Promise<FoundDocuments> {
    const body = {
      from,
      size,
      track_total_hits: true,
      query:
        query.trim() === ''
          ? { match_all: {} }
          : { query_string: { query, default_operator: 'and', lenient: true } },
    }
    const what = `search index ${index}`
    const { status, bytes } = await this.#requests.send(what, {
      method: 'POST',
      path: `/${encodeURIComponent(index)}/_search?ignore_unavailable=true`,
      body: Buffer.from(JSON.stringify(body)),
    })
    // Nothing was written yet.
    if (status === 404) return { total: 0, documents: [] }
    if (status !== 200) {
      const failure = parseFailureAnswer(status, bytes)
      if (status !== 400) throw indexUnusable(what, failure)
      const reason = describeFailure(failure)
      throw new ConfigError('elasticsearch.search-refused', `The search is not understood: ${reason}`)
    }
    const { hits } = JSON.parse(
      bytes.toString(),
      exact as (key: string, value: unknown) => unknown,
    ) as Partial<SearchAnswer>
    if (!Array.isArray(hits?.hits)) throw notElasticsearch(what)
    return {
      total: typeof hits.total === 'number' ? hits.total : hits.total.value,
      documents: hits.hits.map(({ _id, _index, _source = null }) => ({
        id: _id,
        index: _index,
        source: _source,
      })),
    }
  }

  close(): void {
    this.#client.close()
  }
}

interface SearchAnswer {
  readonly hits: {
    readonly total: number | { readonly value: number }
    readonly hits: readonly { readonly _id: string; readonly _index: string; readonly _source?: JsonValue }[]
  }
}

/** Whole numbers that a double cannot hold become bigints. */
function exact(_key: string, value: unknown, { source = '' }: { readonly source?: string }): unknown {
  return typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source)
    ? BigInt(source)
    : value
}
