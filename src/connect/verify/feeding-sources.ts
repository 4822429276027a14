import type { ConfigError } from '../../api/errors.ts'
import type { ConnectorOf } from '../jobs/job-spec.ts'
import { RowSource, type RowSourceParts } from './row-source.ts'

/** Finds the source whose tables feed a sink. */
export class FeedingSources {
  readonly #parts: RowSourceParts
  readonly #opened: RowSource[] = []

  constructor(parts: RowSourceParts) {
    this.#parts = parts
  }

  /** @param refusal what to throw where there is none, or more than one */
  async of(
    topics: readonly string[],
    sources: readonly ConnectorOf[],
    refusal: (why: { readonly isNone: boolean }) => ConfigError,
  ): Promise<RowSource> {
    const isWanted = (topic: string): boolean => topics.includes(topic)
    const found: Record<'surely' | 'maybe' | 'no', RowSource[]> = { surely: [], maybe: [], no: [] }
    const failures: unknown[] = []
    for (const { name, config } of sources) {
      try {
        const source = await RowSource.open(name, config, this.#parts)
        if (source === null) continue
        this.#opened.push(source)
        found[await source.reader.feeds(isWanted)].push(source)
      } catch (error) {
        // It may be none of this sink's.
        failures.push(error)
      }
    }
    const feeding = found.surely.length > 0 ? found.surely : found.maybe
    if (feeding.length === 0 && failures.length > 0) throw failures[0]
    const [source] = feeding
    if (source !== undefined && feeding.length === 1) return source
    throw refusal({ isNone: feeding.length === 0 })
  }

  close(): void {
    for (const source of this.#opened) source.close()
  }
}
