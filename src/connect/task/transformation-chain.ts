import type { ConnectorConfig } from '../../api/config-def.ts'
import { ConfigError } from '../../api/errors.ts'
import type { Predicate, Transformation, TransformationContext } from '../../api/plugin.ts'
import type { ConnectRecord } from '../../api/record.ts'
import type { RecordTemplate } from '../../api/template.ts'
import { listOf } from '../config/list-of.ts'
import { withoutPrefix } from '../../api/without-prefix.ts'
import type { PluginCatalogue } from '../plugin-catalogue.ts'

/** A transformation, and which records it applies to. */
export interface TransformationStep {
  readonly className: string
  readonly transformation: Transformation
  /** Null: all records. */
  readonly predicate: Predicate | null
  readonly isNegated: boolean
}

/** The transformations of a connector, in their order. */
export class TransformationChain {
  readonly #steps: readonly TransformationStep[]
  #current = ''
  #isPreparing = false

  constructor(steps: readonly TransformationStep[]) {
    this.#steps = steps
  }

  get isEmpty(): boolean {
    return this.#steps.length === 0
  }

  /** The class of the step that `apply` came to last: the one that failed, where it threw. */
  get currentClassName(): string {
    return this.#current
  }

  /** Whether a step failed because of what it needs from elsewhere, and not because of the record. */
  get isPreparing(): boolean {
    return this.#isPreparing
  }

  /**
   * The transformed record, or null where a step dropped it. Throws what a step throws. A promise only where a step has to
   * prepare for the record.
   */
  apply<R extends ConnectRecord>(record: R): R | null | Promise<R | null> {
    this.#isPreparing = false
    return this.#applyFrom(0, record)
  }

  #applyFrom<R extends ConnectRecord>(first: number, record: R): R | null | Promise<R | null> {
    let current = record
    for (let i = first; i < this.#steps.length; i++) {
      const { className, transformation, predicate, isNegated } = this.#steps[i]!
      this.#current = className
      if (predicate !== null && predicate.test(current) === isNegated) continue
      const waiting = transformation.prepare?.(current) ?? null
      if (waiting !== null) return this.#applyAfter(waiting, i, current)
      const next = transformation.apply(current)
      if (next === null) return null
      current = next
    }
    return current
  }

  async #applyAfter<R extends ConnectRecord>(
    preparation: Promise<void>,
    step: number,
    record: R,
  ): Promise<R | null> {
    this.#isPreparing = true
    await preparation
    this.#isPreparing = false
    const next = this.#steps[step]!.transformation.apply(record)
    return next === null ? null : this.#applyFrom(step + 1, next)
  }

  /** The transformed template; `dropped` where no record gets through; null where a step must see the record. */
  async compile(template: RecordTemplate): Promise<RecordTemplate | 'dropped' | null> {
    let current = template
    for (const { transformation, predicate, isNegated } of this.#steps) {
      const holds = predicate === null ? !isNegated : (predicate.compile?.(current) ?? null)
      if (holds === null) return null
      if (holds === isNegated) continue
      await transformation.prepareToCompile?.(current)
      const next = transformation.compile?.(current) ?? null
      if (next === null || next === 'dropped') return next
      current = next
    }
    return current
  }

  close(): void {
    for (const { transformation } of this.#steps) transformation.close?.()
  }
}

/** Loads and makes what `transforms` and `predicates` name. Throws `ConfigError`. */
export async function loadTransformationChain(
  config: ConnectorConfig,
  catalogue: PluginCatalogue,
  context: TransformationContext,
): Promise<TransformationChain> {
  const steps: TransformationStep[] = []
  for (const alias of listOf(config['transforms'])) {
    const own = withoutPrefix(config, `transforms.${alias}.`)
    const plugin = await catalogue.load('transformation', own['type']?.trim() ?? '')
    const predicateAlias = own['predicate']?.trim() ?? ''
    const predicate =
      predicateAlias === '' ? null : await loadPredicate(predicateAlias, alias, config, catalogue)
    const isNegated = predicate !== null && own['negate']?.trim().toLowerCase() === 'true'
    steps.push({
      className: plugin.className,
      transformation: plugin.create(own, context),
      predicate,
      isNegated,
    })
  }
  return new TransformationChain(steps)
}

async function loadPredicate(
  alias: string,
  transformation: string,
  config: ConnectorConfig,
  catalogue: PluginCatalogue,
): Promise<Predicate> {
  if (!listOf(config['predicates']).includes(alias)) {
    throw new ConfigError(
      'connect.config-invalid',
      `transforms.${transformation}.predicate names ${alias}, which is not among predicates`,
    )
  }
  const own = withoutPrefix(config, `predicates.${alias}.`)
  return (await catalogue.load('predicate', own['type']?.trim() ?? '')).create(own)
}
