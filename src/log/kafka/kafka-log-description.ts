import type { TlsSettings } from '../../tls/ssl-properties.ts'
import type { SharedTopicShape } from '../shared-topic.ts'

/** All that a thread needs to open its own client of a Kafka cluster: plain data, it may be sent to other threads. */
export interface KafkaLogDescription extends KafkaClientSettings {
  readonly internalTopics: {
    /** Source offsets, in Kafka Connect's own format. */
    readonly offsets: SharedTopicShape
  }
  /** Kafka's own properties of the clients that tasks get, by kind, before their connectors override any. */
  readonly taskClients?: TaskClientProperties
  /** The worker's `group.id`: transactional ids begin with it. */
  readonly groupId?: string
}

export interface TaskClientProperties {
  readonly producer: ClientProperties
  readonly consumer: ClientProperties
  readonly admin: ClientProperties
}

/** As Kafka names them, without prefix: `compression.type`. */
export type ClientProperties = Readonly<Record<string, string>>

/** What one client of a cluster does as its properties say. Left out: the default. */
export interface KafkaClientSettings {
  /** `host:port`, one at least. */
  readonly bootstrapServers: readonly string[]
  readonly clientId: string
  readonly security?: KafkaSecurity
  readonly compression?: KafkaCompression
  /** Deadline of one request; 30 s by default. */
  readonly requestTimeoutMs?: number
  /** How often topics are looked for that appeared or went; 5 s by default. */
  readonly metadataMaxAgeMs?: number
  /** Deadline of a call with all of its repetitions; 60 s by default. */
  readonly apiTimeoutMs?: number
  /** Deadline of an append with all of its repetitions; 120 s by default. */
  readonly deliveryTimeoutMs?: number
  /** Replicas that must have a batch before it counts: all in sync (-1, the default) or the leader's alone (1). */
  readonly acks?: -1 | 1
  /** How long records wait for company; 0 by default. */
  readonly lingerMs?: number
  /** Most bytes of one of Kafka's batches; about a megabyte by default. */
  readonly batchBytes?: number
  /** A record with more bytes is refused, whatever its topic takes; by default the topic decides alone. */
  readonly maxRequestBytes?: number
  /** After so long the cluster aborts a transaction that its producer has left open; 60 s by default. */
  readonly transactionTimeoutMs?: number
  /** After so long without a sign of life the cluster takes a consumer for dead; 45 s by default. */
  readonly sessionTimeoutMs?: number
  readonly heartbeatIntervalMs?: number
  /** How long a rebalance waits for members that are busy with records; 5 minutes by default. */
  readonly rebalanceTimeoutMs?: number
  /** Where a consumer begins that its group has no offset for; `earliest` by default. */
  readonly offsetReset?: 'earliest' | 'latest' | 'none'
  /** True: records of transactions that are open or aborted are not seen. */
  readonly isReadCommitted?: boolean
  readonly fetchMinBytes?: number
  readonly fetchMaxBytes?: number
  readonly fetchMaxWaitMs?: number
  readonly partitionFetchBytes?: number
}

export type KafkaCompression = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'

export interface KafkaSecurity {
  readonly tls?: KafkaTls
  readonly sasl?: KafkaLogin
}

export interface KafkaTls extends TlsSettings {
  /** False: a certificate of another host is taken too. */
  readonly verifiesHost: boolean
}

export type KafkaLogin =
  | {
      readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
      readonly username: string
      readonly password: string
    }
  | { readonly mechanism: 'OAUTHBEARER'; readonly token: TokenEndpoint }

/** Where tokens come from: the client credentials grant of OAuth 2.0. */
export interface TokenEndpoint {
  readonly url: string
  readonly clientId: string
  readonly clientSecret: string
  readonly scope?: string
  /** Authorities to trust for the endpoint, in PEM form. */
  readonly ca?: string
}
