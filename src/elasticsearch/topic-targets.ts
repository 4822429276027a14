import { ConnectError } from '../api/errors.ts'
import type { Schema } from '../api/schema.ts'
import { readAction } from './bulk-action.ts'
import { indexBody } from './index-body.ts'
import type { IndexKeeper } from './index-keeper.ts'
import { hourOf } from './index-naming.ts'
import { mappingOf } from './mapping.ts'
import type { DocumentOptions } from './sink-options.ts'
import { TopicTarget } from './topic-target.ts'

/** The targets of all topics, and the indices behind them. */
export class TopicTargets {
  readonly #options: DocumentOptions
  readonly #keeper: IndexKeeper
  readonly #targets = new Map<string, TopicTarget>()

  constructor(options: DocumentOptions, keeper: IndexKeeper) {
    this.#options = options
    this.#keeper = keeper
  }

  /** Whether the records of a topic have targets by their time. */
  get isDated(): boolean {
    return this.#options.indexName.isDated
  }

  /** @param timestampMs of the record; counts where names of indices have a date */
  of(topic: string, timestampMs = 0): TopicTarget {
    // No topic has a slash.
    const name = this.isDated ? `${topic}/${hourOf(timestampMs)}` : topic
    let target = this.#targets.get(name)
    if (target === undefined) {
      target = new TopicTarget(topic, this.#options, timestampMs)
      this.#targets.set(name, target)
    }
    return target
  }

  /** Sees to it that the index exists. @param schema the value's, for the mapping where schemas are not ignored */
  async prepare(target: TopicTarget, schema: Schema | null): Promise<void> {
    await this.#ensure(target)
    const isMapped = !target.isSchemaIgnored && (this.#options.mirror === null || schema !== null)
    if (isMapped) await this.#keeper.ensureMapping(target.index, () => mappingOf(schema))
    target.isReady = true
  }

  /** Somebody deleted an index, and the server may not make it by itself. */
  async indexMissing(item: Buffer): Promise<void> {
    const { index } = readAction(item.toString('utf8'))
    this.#keeper.forget(index)
    for (const target of this.#targets.values()) {
      if (target.index !== index) continue
      target.isReady = false
      await this.#ensure(target)
    }
  }

  async #ensure({ topic, index, isIndexExternal, isDataStream }: TopicTarget): Promise<void> {
    if (!isIndexExternal) {
      const body = () => indexBody(this.#options.indexShape, topic)
      return this.#keeper.ensure(index, isDataStream ? { kind: 'data stream' } : { kind: 'index', body })
    }
    if (await this.#keeper.exists(index)) return
    throw new ConnectError(
      'elasticsearch.index-unusable',
      `Resource '${index}' for topic '${topic}' does not exist. Create it, or change topic.to.external.resource.mapping.`,
    )
  }
}
