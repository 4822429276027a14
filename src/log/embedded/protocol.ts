import type { MessagePort } from 'node:worker_threads'
import type { TopicPartitionOffset } from '../../api/sink-task.ts'
import type { NewTopic, PartitionDescription, StateEntry } from '../log.ts'
import type { SentError } from './sent-error.ts'

/** What a client may ask of the owner thread, and what it gets. Everything in it survives a structured clone. */
export interface Calls {
  append: { ask: AppendAsk; answer: AppendAnswer }
  'write-state': { ask: readonly StateEntry[]; answer: null }
  'commit-offsets': { ask: OffsetsAsk; answer: null }
  'create-topic': { ask: NewTopic; answer: 'created' | 'exists' }
  'delete-topic': { ask: string; answer: boolean }
  'delete-group': { ask: string; answer: boolean }
  /** Null: all of them. */
  topics: { ask: string | null; answer: readonly TopicState[] }
  'group-offsets': { ask: string; answer: readonly TopicPartitionOffset[] }
  'read-state': { ask: string; answer: ReadonlyMap<string, string> }
  locate: { ask: LocateAsk; answer: SegmentPosition }
  /** The partitions whose new ends this client wants to be told, in place of those of the last call. */
  watch: { ask: readonly PartitionId[]; answer: readonly PartitionTail[] }
  /**
   * Writes what is committed at this moment into a new database file, and answers what of the segment files it speaks of.
   * Until `end-copy`, or until the client goes, no segment file is deleted.
   */
  'begin-copy': { ask: string; answer: readonly CopiedSegment[] }
  'end-copy': { ask: null; answer: null }
  /** The last call of a client: everything before it is done, nothing may follow. */
  disconnect: { ask: null; answer: null }
}

export type CallKind = keyof Calls

export type Request = {
  [K in CallKind]: { readonly id: number; readonly kind: K; readonly ask: Calls[K]['ask'] }
}[CallKind]

/** What a client hears from the owner. */
export type Notice =
  /** `memory`: of the batches of an append, which is the client's again, failed or not. */
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown; readonly memory: Memory }
  | { readonly kind: 'error'; readonly id: number; readonly error: SentError; readonly memory: Memory }
  | { readonly kind: 'grown'; readonly tails: readonly PartitionTail[] }
  | { readonly kind: 'topics-changed' }
  /** The log is being closed in good order: what is asked from now on is refused. */
  | { readonly kind: 'closing' }

export type Memory = readonly ArrayBuffer[]

/** What only the main thread says to the owner, and what it hears: `parentPort`. */
export type Order = { readonly kind: 'connect'; readonly port: MessagePort } | { readonly kind: 'close' }
export type Report =
  | { readonly kind: 'ready' }
  | { readonly kind: 'refused'; readonly error: SentError }
  | {
      readonly kind: 'log'
      readonly level: 'debug' | 'info' | 'warn' | 'error'
      readonly fields: object
      readonly message: string
    }

/** A segment file of which a copy of the log needs the first bytes. */
export interface CopiedSegment {
  /** Below the data directory. */
  readonly path: string
  readonly length: number
}

export interface AppendAsk {
  /** Views of transferred memory, which comes back with the answer. */
  readonly batches: readonly {
    readonly topic: string
    readonly partition: number
    readonly batch: Uint8Array
  }[]
  readonly state: readonly StateEntry[]
  /** How many failed appends the client has heard of: see `FailedAppends`. */
  readonly failuresHeard: number
}

export interface AppendAnswer {
  readonly baseOffsets: readonly bigint[]
}

export interface OffsetsAsk {
  readonly group: string
  /** With a `topicId`: ignored when the topic is gone, or another of that name has taken its place. */
  readonly offsets: readonly (TopicPartitionOffset & { readonly topicId?: number })[]
}

export interface TopicState {
  readonly id: number
  readonly name: string
  readonly config: Readonly<Record<string, string>>
  readonly partitions: readonly PartitionDescription[]
}

/** Ids are never used again, so a topic that was deleted and created anew is another one. */
export interface PartitionId {
  readonly topicId: number
  readonly partition: number
}

export interface LocateAsk {
  readonly topic: string
  /** Null: whichever topic has the name. */
  readonly topicId: number | null
  readonly partition: number
  readonly offset: bigint
}

/** Where to start reading for an offset. */
export interface SegmentPosition {
  readonly topicId: number
  readonly startOffset: bigint
  readonly endOffset: bigint
  readonly segmentBase: bigint
  /** The committed bytes of the segment file: nothing behind them may be read. */
  readonly segmentLength: number
  /** One above the segment's last record. */
  readonly segmentEnd: bigint
  /** A batch at or before the one that holds the offset: where it lies in the file, and its own offset. */
  readonly position: number
  readonly positionOffset: bigint
}

/** The committed end of a partition. */
export interface PartitionTail extends PartitionId {
  readonly endOffset: bigint
  /** The segment that is written. */
  readonly segmentBase: bigint
  readonly segmentLength: number
}
