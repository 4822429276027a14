import { isJsonObject, tokenName } from '../json/json-object.ts'
import { filterPaths } from '../json/path-filter.ts'
import { RawJson } from '../json/raw-json.ts'
import type { Parameters } from '../http/parameters.ts'
import { parsingException } from '../search-error.ts'

/** What of the source an answer shows. */
export interface SourceFilter {
  readonly isShown: boolean
  readonly includes: readonly string[]
  readonly excludes: readonly string[]
}

export const SOURCE_PARAMETERS = ['_source', '_source_includes', '_source_excludes']

const WHOLE: SourceFilter = { isShown: true, includes: [], excludes: [] }

/** `_source` of a request body. */
export function parseSourceFilter(value: unknown): SourceFilter {
  if (value === undefined || value === true) return WHOLE
  if (value === false) return { ...WHOLE, isShown: false }
  if (typeof value === 'string') return { ...WHOLE, includes: [value] }
  if (Array.isArray(value)) return { ...WHOLE, includes: value.map(String) }
  if (isJsonObject(value)) {
    const list = (...names: readonly string[]): string[] =>
      names.flatMap((name) => value[name] ?? []).map(String)
    return { isShown: true, includes: list('includes', 'include'), excludes: list('excludes', 'exclude') }
  }
  const expected = '[VALUE_BOOLEAN, VALUE_STRING, START_ARRAY, START_OBJECT]'
  throw parsingException(`Expected one of ${expected} but found [${tokenName(value)}]`)
}

/** `?_source=`, `?_source_includes=`, `?_source_excludes=`; undefined where none of them is given. */
export function sourceFilterOf(parameters: Parameters): SourceFilter | undefined {
  const source = parameters.text('_source')
  const includes = parameters.list('_source_includes')
  const excludes = parameters.list('_source_excludes')
  if (source === undefined && includes === undefined && excludes === undefined) return undefined
  if (source === 'false') return { ...WHOLE, isShown: false }
  const named = source === undefined || source === 'true' || source === '' ? [] : source.split(',')
  return { isShown: true, includes: [...named, ...(includes ?? [])], excludes: excludes ?? [] }
}

/** The source as the answer shows it: as it was stored, unless something is left out; undefined where it is not shown. */
export function filterSource(source: string, { isShown, includes, excludes }: SourceFilter): unknown {
  if (!isShown) return undefined
  const whole = new RawJson(source)
  return includes.length === 0 && excludes.length === 0 ? whole : filterPaths(whole, includes, excludes)
}
