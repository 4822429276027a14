import { ConnectError } from '../../api/errors.ts'
import { describeFailure, type ElasticsearchFailure } from './elasticsearch-error.ts'

/** @param what names the request: `read index t` */
export function indexUnusable(what: string, failure: ElasticsearchFailure): ConnectError {
  return new ConnectError(
    'elasticsearch.index-unusable',
    `Failed to ${what} due to '${describeFailure(failure)}'`,
  )
}

/** For an answer with status 200 that lacks what Elasticsearch always says: somebody else has answered in its place. */
export function notElasticsearch(what: string): ConnectError {
  return new ConnectError(
    'elasticsearch.index-unusable',
    `Failed to ${what}: what answers with status 200 is no Elasticsearch or OpenSearch`,
  )
}
