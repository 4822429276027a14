import { ConnectError } from '../../api/errors.ts'
import type { Schema } from '../../api/schema.ts'
import { readAction } from '../bulk/bulk-action.ts'
import { indexBody } from './index-body.ts'
import type { IndexKeeper } from './index-keeper.ts'
import { hourOf } from './index-naming.ts'
import type { DocumentRules } from '../documents/document-json.ts'
import { mappingOf } from './mapping.ts'
import type { DocumentOptions } from '../sink-options.ts'
import { TopicTarget } from './topic-target.ts'
import { typedProperties } from '../typed/typed-mapping.ts'

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

  /** Whether nothing is to be done before a record with this schema is written. */
  isReadyFor(target: TopicTarget, schema: Schema | null): boolean {
    if (!target.isReady) return false
    return schema === null || !this.#isTyped(target) || target.mappedSchema === schema
  }

  /** Sees to it that the index exists. @param schema the value's, for the mapping where schemas are not ignored */
  async prepare(target: TopicTarget, schema: Schema | null): Promise<void> {
    if (!target.isReady) {
      this.#options.reindexing?.onIndex(target.name)
      await this.#ensure(target)
    }
    if (this.#isTyped(target)) await this.#extendMapping(target, schema)
    // A data stream has the mapping of its template.
    else if (
      !target.isDataStream &&
      !target.isSchemaIgnored &&
      (this.#options.mirror === null || schema !== null)
    ) {
      await this.#keeper.ensureMapping(target.index, () => mappingOf(schema))
    }
    target.isReady = true
  }

  /** How values of a target's documents are written; kept as `target.rules`. */
  async rules(target: TopicTarget): Promise<DocumentRules> {
    const typedFor = this.#isTyped(target) ? await this.#keeper.engine() : null
    const { isSchemaIgnored } = target
    return (target.rules = { isSchemaIgnored, isMapCompact: this.#options.isMapCompact, typedFor })
  }

  #isTyped({ isSchemaIgnored, isDataStream }: TopicTarget): boolean {
    return this.#options.typedMapping !== null && !isSchemaIgnored && !isDataStream
  }

  async #extendMapping(target: TopicTarget, schema: Schema | null): Promise<void> {
    if (schema === null || target.mappedSchema === schema) return
    const properties = typedProperties(schema, await this.#keeper.engine())
    await this.#keeper.extendMapping(target.index, properties, this.#options.typedMapping!.mostFields)
    target.mappedSchema = schema
  }

  /** Somebody deleted an index, and the server may not make it by itself. */
  async indexMissing(item: Buffer): Promise<void> {
    const { index } = readAction(item.toString('utf8'))
    this.#keeper.forget(index)
    for (const target of this.#targets.values()) {
      if (target.index !== index) continue
      target.isReady = false
      target.mappedSchema = null
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
