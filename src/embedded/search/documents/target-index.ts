import { indexNotFound, SearchError } from '../search-error.ts'
import type { IndexRegistry } from '../store/index-registry.ts'
import { checkIndexName } from '../store/index-name.ts'
import type { SearchIndex } from '../store/search-index.ts'
import type { WriteOperation } from './write-operation.ts'

/**
 * The index that an operation writes to. One that is not there is created by whatever writes to it; by a deletion only
 * where that has an external version to remember. Inside a transaction.
 */
export function targetIndex(
  registry: IndexRegistry,
  name: string,
  { operation, requiresAlias }: { operation: WriteOperation; requiresAlias: boolean },
): SearchIndex {
  if (requiresAlias && registry.aliasedBy(name).length === 0) {
    const reason = `no such index [${name}] and [require_alias] request flag is [true] and [${name}] is not an alias`
    throw new SearchError(404, 'index_not_found_exception', reason, { index_uuid: '_na_', index: name })
  }
  const index = registry.findForWriting(name)
  if (index !== undefined) return index
  checkIndexName(name)
  if (operation.kind === 'delete' && operation.versionType === 'internal') throw indexNotFound(name)
  return registry.create(name)
}
