import { startElasticsearch, type ElasticsearchVersion } from './elasticsearch.ts'
import type { EngineServer } from './engine-server.ts'
import { startOpenSearch, type OpenSearchVersion } from './opensearch.ts'

export type EngineName = `elasticsearch-${ElasticsearchVersion}` | `opensearch-${OpenSearchVersion}`

/** Requests beyond are answered with 413. */
export const MAX_CONTENT_BYTES = 2 * 1024 * 1024

const elasticsearch = (version: ElasticsearchVersion) => () =>
  startElasticsearch({ version, settings: { 'http.max_content_length': `${MAX_CONTENT_BYTES}b` } })
const openSearch = (version: OpenSearchVersion) => () =>
  startOpenSearch({ version, maxContentBytes: MAX_CONTENT_BYTES })

const STARTS: Readonly<Record<EngineName, () => Promise<EngineServer>>> = {
  'elasticsearch-7.17.29': elasticsearch('7.17.29'),
  'elasticsearch-8.7.1': elasticsearch('8.7.1'),
  'elasticsearch-8.10.2': elasticsearch('8.10.2'),
  'elasticsearch-8.19.21': elasticsearch('8.19.21'),
  'elasticsearch-9.2.0': elasticsearch('9.2.0'),
  'opensearch-2.19.1': openSearch('2.19.1'),
  'opensearch-3.8.0': openSearch('3.8.0'),
}

export function startEngine(name: EngineName): Promise<EngineServer> {
  return STARTS[name]()
}

/**
 * The engines that a suite runs against: `TAILRACE_TEST_ENGINES`, names with commas or `all`, as far as they begin with
 * `kind`; else the usual one.
 */
export function enginesUnderTest(usual: EngineName, kind = ''): readonly EngineName[] {
  const wanted = process.env['TAILRACE_TEST_ENGINES']
  if (wanted === undefined) return [usual]
  const known = Object.keys(STARTS) as EngineName[]
  const names = wanted === 'all' ? known : wanted.split(',')
  for (const name of names) {
    if (!known.some((one) => one === name)) {
      throw new Error(`TAILRACE_TEST_ENGINES knows no '${name}', only ${known.join(', ')}`)
    }
  }
  return known.filter((name) => names.includes(name) && name.startsWith(kind))
}
