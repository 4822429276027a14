import { RawJson } from '../json/raw-json.ts'
import { SearchError, validationFailed } from '../search-error.ts'
import type { IndexRegistry } from '../store/index-registry.ts'
import type { SearchIndex } from '../store/search-index.ts'
import type { BulkItem } from './bulk-body.ts'
import type { DocumentWriter } from './document-writer.ts'
import { targetIndex } from './target-index.ts'
import { complaintsAbout, type WriteResult } from './write-operation.ts'

export interface BulkResult {
  readonly hasErrors: boolean
  /** A result an item, in the order of the request. */
  readonly items: readonly RawJson[]
}

export interface BulkOptions {
  readonly isRefreshForced: boolean
  /** Every index must be named by an alias. */
  readonly requireAlias: boolean
}

/** Statuses of results; `created` and `not_found` have their own. */
export function statusOf({ result }: WriteResult): number {
  return result === 'created' ? 201 : result === 'not_found' ? 404 : 200
}

/** Carries out a whole bulk in one transaction: one wait for the disk, however many documents. */
export class BulkExecutor {
  readonly #registry: IndexRegistry
  readonly #writer: DocumentWriter

  constructor(registry: IndexRegistry, writer: DocumentWriter) {
    this.#registry = registry
    this.#writer = writer
  }

  execute(items: readonly BulkItem[], options: BulkOptions): BulkResult {
    checkItems(items)
    return this.#registry.transaction(() => {
      let hasErrors = false
      const results = items.map((item) => {
        try {
          const { index: name = '', operation, requireAlias } = item
          const requiresAlias = requireAlias || options.requireAlias
          const index = targetIndex(this.#registry, name, { operation, requiresAlias })
          return new RawJson(
            resultText(index, { item, result: this.#writer.write(index, item.operation), options }),
          )
        } catch (error) {
          if (!(error instanceof SearchError)) throw error
          hasErrors = true
          return new RawJson(errorText(item, error, this.#registry))
        }
      })
      return { hasErrors, items: results }
    })
  }
}

function checkItems(items: readonly BulkItem[]): void {
  if (items.length === 0) throw validationFailed('no requests added')
  const complaints = items.flatMap(({ index, operation }) => [
    ...(index === undefined ? ['index is missing'] : []),
    ...((operation.kind === 'update' || operation.kind === 'delete') && operation.id === ''
      ? ['id is missing']
      : []),
    ...complaintsAbout(operation),
  ])
  if (complaints.length > 0) throw validationFailed(...complaints.slice(0, 100))
}

const nameTexts = new WeakMap<SearchIndex, string>()

/** The name as JSON: written once an index, not once a document. */
function nameText(index: SearchIndex): string {
  let text = nameTexts.get(index)
  if (text === undefined) nameTexts.set(index, (text = JSON.stringify(index.name)))
  return text
}

function resultText(
  index: SearchIndex,
  { item, result, options }: { item: BulkItem; result: WriteResult; options: BulkOptions },
): string {
  const { id, version, seqNo } = result
  const refreshed = options.isRefreshForced && result.result !== 'noop' ? '"forced_refresh":true,' : ''
  return (
    `{"${item.operation.kind}":{"_index":${nameText(index)},"_id":${JSON.stringify(id)},"_version":${version},` +
    `"result":"${result.result}",${refreshed}"_shards":{"total":2,"successful":1,"failed":0},` +
    `"_seq_no":${seqNo},"_primary_term":1,"status":${statusOf(result)}}}`
  )
}

function errorText(item: BulkItem, error: SearchError, registry: IndexRegistry): string {
  const name = item.index ?? ''
  const { kind, id } = item.operation
  // Where not even the index could be made, the id is left out as well.
  const isKnown = error.type !== 'invalid_index_name_exception' || name.startsWith('_')
  const described = {
    _index: registry.find(name)?.name ?? name,
    _id: isKnown ? id : null,
    status: error.status,
    error: error.describe(),
  }
  return JSON.stringify({ [kind]: described })
}
