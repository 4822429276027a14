import type { SharedTopicShape } from '../shared-topic.ts'

/** All that a thread needs to open its own client of a Kafka cluster: plain data, it may be sent to other threads. */
export interface KafkaLogDescription {
  /** `host:port`, one at least. */
  readonly bootstrapServers: readonly string[]
  readonly clientId: string
  readonly security?: KafkaSecurity
  readonly internalTopics: {
    /** Source offsets, in Kafka Connect's own format. */
    readonly offsets: SharedTopicShape
    /** Every other state of the runtime; keys are `["space","key"]`. */
    readonly state: SharedTopicShape
  }
  readonly compression?: KafkaCompression
  /** How often topics are looked for that appeared or went; 5 s by default. */
  readonly metadataMaxAgeMs?: number
  /** Deadline of a call with all of its repetitions; 60 s by default. */
  readonly apiTimeoutMs?: number
  /** Deadline of an append with all of its repetitions; 120 s by default. */
  readonly deliveryTimeoutMs?: number
  /** After so long without a sign of life the cluster takes a consumer for dead; 45 s by default. */
  readonly sessionTimeoutMs?: number
  readonly heartbeatIntervalMs?: number
  /** How long a rebalance waits for members that are busy with records; 5 minutes by default. */
  readonly rebalanceTimeoutMs?: number
}

export type KafkaCompression = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'

export interface KafkaSecurity {
  readonly tls?: {
    /** Certificates in PEM form. */
    readonly ca?: string
    readonly cert?: string
    readonly key?: string
    readonly passphrase?: string
    readonly rejectUnauthorized?: boolean
  }
  readonly sasl?: {
    readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512' | 'OAUTHBEARER'
    readonly username?: string
    readonly password?: string
    readonly token?: string
  }
}
