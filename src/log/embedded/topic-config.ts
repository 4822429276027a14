import { ConfigError } from '../../api/errors.ts'
import type { NewTopic } from '../log.ts'

/** What the log itself does with a topic's settings; the others are kept and shown. */
export interface TopicPolicy {
  /** Null: for ever. */
  readonly retentionMs: number | null
  /** For each partition; null: without limit. */
  readonly retentionBytes: number | null
  readonly segmentBytes: number
}

const DEFAULT_RETENTION_MS = 7 * 24 * 3600 * 1000
/** Smaller than Kafka's gigabyte, because retention works by whole segments and disks of one machine are small. */
const DEFAULT_SEGMENT_BYTES = 128 * 1024 * 1024
const MOST_PARTITIONS = 10_000

/** Throws `log.topic-invalid`, `log.policy-unsupported`. */
export function checkNewTopic({ name, partitions, config = {} }: NewTopic): TopicPolicy {
  if (!/^[a-zA-Z0-9._-]{1,249}$/.test(name) || name === '.' || name === '..') {
    throw new ConfigError(
      'log.topic-invalid',
      `Topic name ${JSON.stringify(name)} is not allowed: 1 to 249 of the characters a-z, A-Z, 0-9, '.', '_' and '-', and neither '.' nor '..'.`,
    )
  }
  if (!Number.isInteger(partitions) || partitions < 1 || partitions > MOST_PARTITIONS) {
    throw new ConfigError(
      'log.topic-invalid',
      `Topic ${name} cannot have ${partitions} partitions: from 1 to ${MOST_PARTITIONS} are possible.`,
    )
  }
  return topicPolicy(name, config)
}

export function topicPolicy(topic: string, config: Readonly<Record<string, string>>): TopicPolicy {
  const cleanup = config['cleanup.policy'] ?? 'delete'
  if (cleanup.trim() !== 'delete') {
    throw new ConfigError(
      'log.policy-unsupported',
      `Topic ${topic}: cleanup.policy=${cleanup} is not supported by the embedded log. Leave it out or use "delete".`,
    )
  }
  const integer = (name: string, least: number, otherwise: number): number => {
    const text = config[name]
    if (text === undefined) return otherwise
    const value = Number(text)
    if (/^-?\d+$/.test(text.trim()) && Number.isSafeInteger(value) && value >= least) return value
    throw new ConfigError(
      'log.topic-invalid',
      `Topic ${topic}: ${name}=${text} is not an integer of ${least} or more.`,
    )
  }
  const retentionMs = integer('retention.ms', -1, DEFAULT_RETENTION_MS)
  const retentionBytes = integer('retention.bytes', -1, -1)
  return {
    retentionMs: retentionMs < 0 ? null : retentionMs,
    retentionBytes: retentionBytes < 0 ? null : retentionBytes,
    segmentBytes: integer('segment.bytes', 1, DEFAULT_SEGMENT_BYTES),
  }
}
