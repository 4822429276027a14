import type { ConnectorConfig, OptionValidator } from '../../api/config-def.ts'
import type { ConfigIssue, ConnectorPlugin } from '../../api/plugin.ts'
import { listOf } from './list-of.ts'
import type { PluginCatalogue, PluginCatalogueEntry, PluginType } from '../plugin-catalogue.ts'

/** Words of versions in their order; any other word is newer than all of them. An empty one is the release itself. */
const QUALIFIERS = ['alpha', 'beta', 'milestone', 'rc', 'snapshot', '', 'sp']
const SYNONYMS: Readonly<Record<string, string>> = {
  final: '',
  ga: '',
  release: '',
  cr: 'rc',
  a: 'alpha',
  b: 'beta',
  m: 'milestone',
}

/** Whether a version, or a range, can be understood at all. */
export const versionRange: OptionValidator = Object.assign(
  (value: unknown) => {
    const text = String(value).trim()
    return text === 'latest' ? null : rangeProblem(rangeOf(text))
  },
  { wholeMessage: true },
)

/** A version alone is that one and no other. */
function rangeOf(version: string): string {
  return /^[[(]/.test(version) ? version : `[${version}]`
}

/** `[1,2)`, `(,2]`, `[1.5]`, and several of them: `[1,2),[3,)`. */
const RANGE = /([[(])([^\])]*)([\])])/g

function rangeProblem(range: string): string | null {
  if (!/[\])]$/.test(range)) return `Unbounded range: ${range}`
  const bounds = [...range.matchAll(RANGE)].map(([, , inner = '']) =>
    inner.split(',').map((bound) => bound.trim()),
  )
  const isOrdered = bounds.every(
    ([least = '', most = '', ...more]) =>
      more.length === 0 && (least === '' || most === '' || compareVersions(least, most) <= 0),
  )
  return isOrdered ? null : `Range defies version ordering: ${range}`
}

/**
 * Why a plugin cannot be of the wanted version, in the reference's words; null when it is. One version is installed of
 * each plugin.
 *
 * @param wanted `4.3.1` is that one alone, `[4.0,5.0)` a range in Maven's form; `latest` and null are any
 */
export function versionProblem(
  entry: PluginCatalogueEntry,
  wanted: string | null | undefined,
  catalogue: PluginCatalogue,
): string | null {
  if (wanted === undefined || wanted === null || wanted === 'latest') return null
  const version = wanted.trim()
  const range = rangeOf(version)
  // Of a range that cannot be understood its own option tells.
  if (version !== '' && (rangeProblem(range) !== null || isInRange(entry.version, range))) return null
  const shown = version === '' ? '[,]' : range.includes(',') ? range : `[${version},${version}]`
  const available = catalogue.entries
    .filter(({ className }) => className === entry.className)
    .map(({ version }) => version)
  return (
    `Plugin ${entry.className} not found that matches the version range ${shown}, ` +
    `available versions: [${available.join(', ')}]`
  )
}

/** The plugins of a configuration that are not of the versions it wants; each twice, with class and version. */
export function versionIssues(
  plugin: Pick<ConnectorPlugin, 'className' | 'type'>,
  config: ConnectorConfig,
  catalogue: PluginCatalogue,
): readonly ConfigIssue[] {
  const issueOf = (className: string, option: string, version: string, type: PluginType): ConfigIssue[] => {
    const entry = catalogue.find(className.trim(), type)
    const message = entry === null ? null : versionProblem(entry, config[version], catalogue)
    return message === null ? [] : [option, version].map((name) => ({ option: name, message }))
  }
  const named = (option: string, version: string, type: PluginType): ConfigIssue[] =>
    issueOf(config[option] ?? '', option, version, type)
  return [
    ...issueOf(plugin.className, 'connector.class', 'connector.plugin.version', plugin.type),
    // The worker's own converter, of a connector that names none, has the version that it has.
    ...(['key', 'value', 'header'] as const).flatMap((role) => {
      const option = `${role}.converter`
      return named(option, `${option}.plugin.version`, role === 'header' ? 'header_converter' : 'converter')
    }),
    ...(
      [
        ['transforms', 'transformation'],
        ['predicates', 'predicate'],
      ] as const
    ).flatMap(([option, type]) =>
      [...new Set(listOf(config[option]))].flatMap((alias) =>
        named(`${option}.${alias}.type`, `${option}.${alias}.plugin.version`, type),
      ),
    ),
  ]
}

function isInRange(version: string, range: string): boolean {
  return [...range.matchAll(RANGE)].some(([, opening, bounds = '', closing]) => {
    const [least = '', most = least] = bounds.split(',').map((bound) => bound.trim())
    const fromLeast = least === '' ? 1 : compareVersions(version, least)
    const fromMost = most === '' ? -1 : compareVersions(version, most)
    return (
      (opening === '[' ? fromLeast >= 0 : fromLeast > 0) && (closing === ']' ? fromMost <= 0 : fromMost < 0)
    )
  })
}

/** As Maven orders versions: number by number, `1.0` is `1` and `1.0.Final`, `1.0-rc1` comes before it. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [partsOf(a), partsOf(b)]
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const order = compareParts(left[i], right[i])
    if (order !== 0) return order
  }
  return 0
}

type Part = number | string

function partsOf(version: string): readonly Part[] {
  const words = version.toLowerCase().match(/\d+|[a-z]+/g) ?? []
  return words.map((word) => (/^\d/.test(word) ? Number(word) : (SYNONYMS[word] ?? word)))
}

function compareParts(a: Part | undefined, b: Part | undefined): number {
  const [left, right] = [a ?? (typeof b === 'string' ? '' : 0), b ?? (typeof a === 'string' ? '' : 0)]
  if (typeof left === 'number' && typeof right === 'number') return Math.sign(left - right)
  if (typeof left === 'number') return 1
  if (typeof right === 'number') return -1
  const [leftRank, rightRank] = [rankOf(left), rankOf(right)]
  return leftRank === rightRank ? left.localeCompare(right, 'en') : Math.sign(leftRank - rightRank)
}

function rankOf(word: string): number {
  const rank = QUALIFIERS.indexOf(word)
  return rank < 0 ? QUALIFIERS.length : rank
}
