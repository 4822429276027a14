import type { BulkExecutor } from './documents/bulk.ts'
import type { DocumentWriter } from './documents/document-writer.ts'
import type { Scrolls } from './search/scrolls.ts'
import type { Searcher } from './search/searcher.ts'
import type { IndexRegistry } from './store/index-registry.ts'

/** What the handlers work with. */
export interface NodeServices {
  readonly registry: IndexRegistry
  readonly writer: DocumentWriter
  readonly bulk: BulkExecutor
  readonly searcher: Searcher
  readonly scrolls: Scrolls
  readonly nodeId: string
  /** `host:port`, once it listens. */
  readonly address: () => string
  /** Milliseconds since 1970. */
  readonly now: () => number
}
