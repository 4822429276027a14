import { JavaPattern } from '../../api/java/java-pattern.ts'
import type { ConsumerOptions } from '../log.ts'
import type { Cluster, KnownTopic } from './connection/cluster.ts'

const DEFAULT_MAX_AGE_MS = 5000
/** As long as a topic is missing that is wanted by name: its first records shall not wait. */
const MISSING_MAX_AGE_MS = 250

/** Looks again and again for topics that a consumer wants: some appear, some go, some are made anew. */
export class TopicWatch {
  /** The topics that exist of those that are wanted, as they were seen last. */
  topics: readonly KnownTopic[] = []
  /** Thrown by the next `poll`: no broker could say. */
  failure: unknown = null
  readonly #cluster: Cluster
  readonly #wanted: ConsumerOptions['topics']
  readonly #onSeen: () => void
  #timer: NodeJS.Timeout | null = null
  #isClosed = false

  constructor(cluster: Cluster, wanted: ConsumerOptions['topics'], onSeen: () => void) {
    this.#cluster = cluster
    this.#wanted = wanted
    this.#onSeen = onSeen
  }

  /** Looks now, and from time to time from then on. */
  async look(): Promise<void> {
    this.#stop()
    const wanted = this.#wanted
    try {
      const found = await this.#cluster.refresh(wanted instanceof JavaPattern ? null : wanted)
      this.topics = wanted instanceof JavaPattern ? found.filter(({ name }) => wanted.matches(name)) : found
    } finally {
      this.#lookLater()
    }
    this.#onSeen()
  }

  close(): void {
    this.#isClosed = true
    this.#stop()
  }

  #lookLater(): void {
    this.#stop()
    if (this.#isClosed) return
    const maxAgeMs = this.#cluster.description.metadataMaxAgeMs ?? DEFAULT_MAX_AGE_MS
    const isMissingSome =
      !(this.#wanted instanceof JavaPattern) && this.topics.length < new Set(this.#wanted).size
    this.#timer = setTimeout(
      () => void this.#lookAgain(),
      isMissingSome ? Math.min(maxAgeMs, MISSING_MAX_AGE_MS) : maxAgeMs,
    )
  }

  async #lookAgain(): Promise<void> {
    await this.look().catch((error: unknown) => {
      this.failure = error
      this.#onSeen()
    })
  }

  #stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }
}
