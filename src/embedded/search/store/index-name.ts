import { SearchError } from '../search-error.ts'

const FORBIDDEN = ['"', ' ', '\\', '/', ',', '|', '>', '?', '*', '<']
const MAX_BYTES = 255

/** What is wrong with the name of a new index or alias, in Elasticsearch's words; undefined where nothing is. */
function complaint(name: string): string | undefined {
  if (FORBIDDEN.some((character) => name.includes(character))) {
    return `must not contain the following characters [${FORBIDDEN.map((character) => `'${character}'`).join(',')}]`
  }
  if (name === '') return 'must not be empty'
  if (name.includes('#')) return "must not contain '#'"
  if (name.includes(':')) return "must not contain ':'"
  if (/^[_+-]/.test(name)) return "must not start with '_', '-', or '+'"
  const bytes = Buffer.byteLength(name)
  if (bytes > MAX_BYTES) return `index name is too long, (${bytes} > ${MAX_BYTES})`
  if (name === '.' || name === '..') return "must not be '.' or '..'"
  return undefined
}

export function invalidIndexName(name: string, reason: string): SearchError {
  const details = { index_uuid: '_na_', index: name }
  return new SearchError(
    400,
    'invalid_index_name_exception',
    `Invalid index name [${name}], ${reason}`,
    details,
  )
}

/** Throws for a name that no index may have. */
export function checkIndexName(name: string): void {
  const reason = complaint(name) ?? (name === name.toLowerCase() ? undefined : 'must be lowercase')
  if (reason !== undefined) throw invalidIndexName(name, reason)
}

export function checkAliasName(name: string): void {
  const reason = complaint(name)
  if (reason === undefined) return
  throw new SearchError(400, 'invalid_alias_name_exception', `Invalid alias name [${name}]: ${reason}`)
}
