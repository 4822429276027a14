import type { ConnectorConfig } from '../../api/config-def.ts'
import { ConfigError, ConnectError } from '../../api/errors.ts'
import type { VerificationContext } from '../../api/plugin.ts'
import type { ReindexedIndex, Reindexer, ReindexOptions, ReindexWrites } from '../../api/reindexing.ts'
import { ElasticsearchClient } from '../client/client.ts'
import { indexBody } from '../indices/index-body.ts'
import { IndexKeeper } from '../indices/index-keeper.ts'
import { PatientRequests } from '../client/patient-requests.ts'
import { sinkOptions, type DocumentOptions, type SinkOptions } from '../sink-options.ts'
import { ElasticsearchSinkTask } from '../sink-task.ts'
import { TopicTargets } from '../indices/topic-targets.ts'
import { Indices, type IndexPlace } from './indices.ts'

/** Requests that fail are tried again so often: what was done stays, and the next attempt goes on. */
const MOST_RETRIES = 10

/** New indices of a sink, by its own rules. */
export class ElasticsearchReindexer implements Reindexer {
  readonly #options: SinkOptions
  readonly #suffix: string
  readonly #client: ElasticsearchClient
  readonly #requests: PatientRequests
  readonly #keeper: IndexKeeper
  readonly #indices: Indices
  readonly #targets: TopicTargets

  constructor(config: ConnectorConfig, context: VerificationContext & { readonly suffix: string }) {
    const options = (this.#options = sinkOptions(config))
    this.#suffix = context.suffix
    this.#client = new ElasticsearchClient(options.client)
    const patience = { retryBackoffMs: options.writer.retryBackoffMs, maxRetries: MOST_RETRIES }
    const requests = (this.#requests = new PatientRequests(this.#client, patience, {
      context,
      random: Math.random,
    }))
    this.#keeper = new IndexKeeper(requests, context.log)
    this.#targets = new TopicTargets(options.documents, this.#keeper)
    this.#indices = new Indices(requests)
  }

  get areVersionsOffsets(): boolean {
    return this.#options.documents.mirror?.version !== 'lsn'
  }

  async begin(topics: readonly string[], options: ReindexOptions): Promise<readonly string[]> {
    requireRebuildable(this.#options.documents, topics, options)
    const names: string[] = []
    for (const topic of topics) {
      const { name } = this.#targets.of(topic)
      const place = await this.#indices.placeOf(name)
      requireReplaceable(name, place, options)
      if (place.kind !== 'missing' && !names.includes(name)) names.push(name)
    }
    for (const topic of topics) {
      const { name } = this.#targets.of(topic)
      if (!names.includes(name)) continue
      const body = (): object | null => indexBody(this.#options.documents.indexShape, topic)
      await this.#keeper.ensure(name + this.#suffix, { kind: 'index', body })
    }
    return names
  }

  task(writes: ReindexWrites): ElasticsearchSinkTask {
    return new ElasticsearchSinkTask({ ...writes, suffix: this.#suffix })
  }

  swap(names: readonly string[], options: ReindexOptions): Promise<readonly ReindexedIndex[]> {
    let told: readonly ReindexedIndex[] | null = null
    return this.#requests.until('swap the indices', async () => {
      const { swapped, actions } = await this.#planSwap(names, options)
      // Where the answer to an attempt was lost, what that one has done would be told as done before.
      told ??= swapped
      if (actions.length === 0) return told
      return (await this.#indices.changeAliases(actions)) ?? told
    })
  }

  /** What there is left to swap. */
  async #planSwap(
    names: readonly string[],
    options: ReindexOptions,
  ): Promise<{ readonly swapped: readonly ReindexedIndex[]; readonly actions: readonly object[] }> {
    const swapped: ReindexedIndex[] = []
    const actions: object[] = []
    for (const name of names) {
      const index = name + this.#suffix
      const place = await this.#indices.placeOf(name)
      requireReplaceable(name, place, options)
      const documents = await this.#indices.count(index)
      if (place.kind === 'missing') actions.push({ add: { index, alias: name } })
      if (place.kind === 'missing' || place.index === index) {
        swapped.push({ name, index, documents, old: null })
        continue
      }
      const old = { index: place.index, documents: await this.#indices.count(place.index) }
      if (documents < old.documents && !options.areFewerAccepted) throw fewer({ name, index, documents, old })
      actions.push(...exchange(name, index, { place, isDeletingOld: options.isDeletingOld }))
      swapped.push({ name, index, documents, old: { ...old, isDeleted: options.isDeletingOld } })
    }
    return { swapped, actions }
  }

  async tidy(names: readonly string[]): Promise<void> {
    for (const name of names) {
      const place = await this.#indices.placeOf(replacedBy(name + this.#suffix))
      if (place.kind === 'alias') await this.#indices.deleteUnused(place.index)
    }
  }

  async discard(names: readonly string[]): Promise<void> {
    for (const name of names) {
      const index = name + this.#suffix
      const place = await this.#indices.placeOf(name)
      const isInPlace =
        place.kind === 'several'
          ? place.indices.includes(index)
          : place.kind !== 'missing' && place.index === index
      if (!isInPlace) await this.#indices.delete(index)
    }
  }

  close(): void {
    this.#client.close()
  }
}

/**
 * One call does all of it: whoever searches sees the old or the new. An old index that only aliases name stays for
 * searches that are under way in it, with a name by which it is found again, whatever happens.
 */
function exchange(
  name: string,
  index: string,
  {
    place,
    isDeletingOld,
  }: {
    readonly place: Exclude<IndexPlace, { kind: 'missing' | 'several' }>
    readonly isDeletingOld: boolean
  },
): readonly object[] {
  const { kind, index: old, aliases } = place
  const others = Object.entries(aliases).filter(([alias]) => alias !== name)
  const added = [
    { add: { ...aliases[name], index, alias: name } },
    // Whatever else people call the old index is from now on the new one.
    ...others.map(([alias, properties]) => ({ add: { ...properties, index, alias } })),
  ]
  if (kind === 'index') return [{ remove_index: { index: old } }, ...added]
  const removed = Object.keys(aliases).map((alias) => ({ remove: { index: old, alias } }))
  const marked = isDeletingOld ? [{ add: { index: old, alias: replacedBy(index) } }] : []
  return [...removed, ...added, ...marked]
}

function replacedBy(index: string): string {
  return `${index}-replaced`
}

function requireReplaceable(
  name: string,
  place: IndexPlace,
  { isDeletingOld }: ReindexOptions,
): asserts place is Exclude<IndexPlace, { readonly kind: 'several' }> {
  if (place.kind === 'several') {
    throw unsupported(
      `${name} is an alias of several indices (${place.indices.join(', ')}): which of them the new one would replace cannot be known. Leave it one.`,
    )
  }
  if (place.kind === 'alias' && place.index.startsWith('.ds-')) {
    throw unsupported(
      `${name} is a data stream: documents are only added there, and there is nothing to swap.`,
    )
  }
  if (place.kind === 'index' && !isDeletingOld) {
    throw unsupported(
      `${name} is an index. Its name becomes an alias of the new index, so the old one cannot be kept: say --delete-old, or make the name an alias of an index first.`,
    )
  }
}

/** Elsewhere the new index would be another one, or would have documents twice after an interruption. */
function requireRebuildable(
  options: DocumentOptions,
  topics: readonly string[],
  { from }: ReindexOptions,
): void {
  if (options.isDataStream) {
    throw unsupported(
      'The sink writes data streams: documents are only added there, and there is nothing to swap.',
    )
  }
  if (options.hasAutogeneratedIds) {
    throw unsupported(
      'The sink has use.autogenerated.ids=true: what is written again after an interruption would be there twice.',
    )
  }
  if (options.indexName.isDated) {
    throw unsupported('The index names of the sink have dates: make the index of a date anew by itself.')
  }
  if (from === 'log') return
  const refuse = (what: string): never => {
    throw unsupported(
      `${what}: a snapshot has rows, and documents that are no rows cannot be made from them. Leave out --from snapshot.`,
    )
  }
  const keyless = topics.find((topic) => options.isKeyIgnored(topic))
  if (options.mirror === null && keyless !== undefined)
    refuse(`The sink has key.ignore=true for topic ${keyless}`)
  if (options.isUpsert) refuse('The sink has write.method=upsert')
  if (options.versionHeader !== null) refuse('The sink has external.version.header')
}

function fewer({
  name,
  index,
  documents,
  old,
}: {
  readonly name: string
  readonly index: string
  readonly documents: number
  readonly old: { readonly documents: number }
}): ConnectError {
  return new ConnectError(
    'connect.reindex-fewer',
    `The new index ${index} has ${documents} documents, ${name} has ${old.documents}. Nothing was swapped. If the old one has documents that nothing stands for any more, say --accept-fewer to go on; --abort deletes the new one.`,
  )
}

function unsupported(message: string): ConfigError {
  return new ConfigError('connect.reindex-unsupported', message)
}
