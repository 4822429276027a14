import { compilePatterns } from '../../api/java/java-pattern.ts'
import { isIdentity } from './replica-identities.ts'
import type { OptionCheck } from './option-definition.ts'

const INTEGER = /^[+-]?\d+$/

function integerIn(text: string, least: bigint, most: bigint): bigint | null {
  if (!INTEGER.test(text)) return null
  const value = BigInt(text.replace('+', ''))
  return value < least || value > most ? null : value
}

/** The number in a text that Java's `Integer.parseInt` takes, or null. */
export function parseInt32(text: string): bigint | null {
  return integerIn(text, -(2n ** 31n), 2n ** 31n - 1n)
}

/** The number in a text that Java's `Long.parseLong` takes, or null. */
export function parseInt64(text: string): bigint | null {
  return integerIn(text, -(2n ** 63n), 2n ** 63n - 1n)
}

function check(isGood: (text: string) => boolean, problem: string): OptionCheck {
  return (text) => (isGood(text) ? null : problem)
}

export const isInteger = check((text) => parseInt32(text) !== null, 'An integer is expected')

export const isLong = check((text) => parseInt64(text) !== null, 'A long value is expected')

export const isPositive = check(
  (text) => (parseInt64(text) ?? 0n) > 0n && (parseInt32(text) ?? 0n) > 0n,
  'A positive, non-zero integer value is expected',
)

export const isPositiveLongValue = check(
  (text) => (parseInt64(text) ?? 0n) > 0n,
  'A positive, non-zero long value is expected',
)

export const isNonNegative = check(
  (text) => (parseInt32(text) ?? -1n) >= 0n,
  'An non-negative integer is expected',
)

export const isNonNegativeLong = check(
  (text) => (parseInt64(text) ?? -1n) >= 0n,
  'A non-negative long value is expected',
)

export const isBoolean = check(
  (text) => /^(true|false)$/i.test(text.trim()),
  "Either 'true' or 'false' is expected",
)

export const isJavaClass = check(
  (text) =>
    text
      .split('.')
      .every((name) => /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name) && !/^(true|false|null)$/.test(name)),
  'A Java class name is expected',
)

/** As Java splits: what is empty at the end counts for nothing. */
function split(text: string): readonly string[] {
  const entries = text.replace(/,+$/, '')
  return entries === '' && text !== '' ? [] : entries.split(',')
}

export const isListOfPairs = check(
  (text) => text.trim() === '' || split(text).every((pair) => /^[^=]+=[^=]+$/.test(pair.trim())),
  'A equivalent-separated map of valid key/value pairs is expected, for example: k1=v1,k2=v2',
)

/** Of what is a list of pairs. */
export const isListOfTags: OptionCheck = (text) => {
  if (isListOfPairs(text, {}) !== null) return null
  const keys = split(text).map((pair) => pair.split('=')[0]!.trim())
  const wrong = keys.find((key) => /[:*?"\n]/.test(key))
  return wrong === undefined
    ? null
    : `The custom metric tag key '${wrong}' is not a valid JMX ObjectName property key`
}

export const isSlotName = check(
  (text) => /^[a-z0-9_]{1,63}$/.test(text),
  'Valid replication slot name must contain only digits, lowercase characters and underscores with length <= 63',
)

export const isOutputPlugin = check(
  (text) => text.trim().toLowerCase() !== 'decoderbufs',
  'decoderbufs, an extension of its own, is not read in this version; set pgoutput, which every PostgreSQL has',
)

export const isSnapshotMode = check(
  (text) => text.trim().toLowerCase() !== 'custom',
  'custom does not work in this version; set another mode',
)

export const isNotCustom = check(
  (text) => text.trim().toLowerCase() !== 'custom',
  'custom names a Java class, which cannot be loaded here; set another mode',
)

export const isTopicName: OptionCheck = (text) =>
  /^[A-Za-z0-9_.-]+$/.test(text)
    ? null
    : `${text} has invalid format (only the underscore, hyphen, dot and alphanumeric characters are allowed)`

export const isListOfPatterns: OptionCheck = (text) => {
  try {
    compilePatterns(text)
    return null
  } catch (error) {
    return `A comma-separated list of valid regular expressions is expected, but ${(error as Error).message}`
  }
}

export const isListOfOperations = check(
  (text) => text.split(',').every((operation) => /^(none|[cudt])$/.test(operation.trim())),
  'Invalid operation',
)

const KEY_COLUMNS = String.raw`^\s*([^:]+):([^:,]+(,[^:,]+)*)\s*$`

export const isKeyColumns: OptionCheck = (text) => {
  const isWrong = (part: string): boolean => !new RegExp(KEY_COLUMNS).test(part)
  const wrong = text.split(';').find((part) => (part !== '' || text === '') && isWrong(part))
  return wrong === undefined ? null : `${wrong} has an invalid format (expecting '${KEY_COLUMNS}')`
}

const REPLICA_IDENTITIES = String.raw`(?i)^\s*(?<tablepredicate>[^\s:]+):(?<replicaidentity>DEFAULT|(INDEX) (?<indexname>.\w*)|FULL|NOTHING)\s*$`

export const isReplicaIdentities: OptionCheck = (text) => {
  const wrong = split(text).find((entry) => !isIdentity(entry))
  return wrong === undefined ? null : `${wrong} has an invalid format (expecting '${REPLICA_IDENTITIES}')`
}

export const isNotEmpty = check((text) => text !== '', 'Must not be empty')

/** An exclude list beside its include list. */
export function isWithout(other: string): OptionCheck {
  return (_text, config) => (config[other] ? `"${other}" is already specified` : null)
}

export const isQueueSize = check((text) => (parseInt32(text) ?? 1n) > 0n, 'A positive queue size is required')

export const isLargerThanBatch: OptionCheck = (text, config) => {
  const size = parseInt32(text)
  const batch = parseInt32(config['max.batch.size'] ?? '2048')
  return size !== null && batch !== null && size <= batch
    ? 'Must be larger than the maximum batch size'
    : null
}
