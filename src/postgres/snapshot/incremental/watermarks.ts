import type { SourceSession } from '../../source-session.ts'
import { quoteLiteral, quoteTable } from '../../wire/sql-text.ts'
import type { ChunkWindow } from './chunk-window.ts'
import type { SnapshotCollection } from './incremental-progress.ts'

/**
 * How the stream tells where a chunk was read. `signal`: rows that are written into the signal table before and after.
 * `position`: the end of the WAL after reading, for servers that must not be written to.
 */
export interface Watermarks {
  readonly kind: 'signal' | 'position'
  /** Statements that write the watermark; null with `position`. */
  open(window: ChunkWindow, collection: SnapshotCollection): string | null
  close(window: ChunkWindow, collection: SnapshotCollection): string | null
  /** A chunk waits for a position: find out whether the stream is there already. */
  seek(): void
}

export function signalWatermarks(session: SourceSession, table: readonly [string, string]): Watermarks {
  const name = quoteTable(...table)
  const insert = (id: string, type: string, data: string): string =>
    `INSERT INTO ${name} VALUES (${[id, type, data].map(quoteLiteral).join(', ')})`
  return {
    kind: 'signal',
    open: (window, collection) =>
      insert(`${window.id}-open`, 'snapshot-window-open', metadata(window, collection, null)),
    close: (window, collection) =>
      session.options.incremental.watermarking === 'insert_delete'
        ? `DELETE FROM ${name} WHERE id = ${quoteLiteral(`${window.id}-open`)}`
        : insert(`${window.id}-close`, 'snapshot-window-close', metadata(window, collection, new Date())),
    seek: () => {},
  }
}

/** As the reference writes it, with spaces. */
function metadata(
  { openedAt }: ChunkWindow,
  { id, correlationId }: SnapshotCollection,
  closedAt: Date | null,
): string {
  const fields = {
    openWindowTimestamp: openedAt.toISOString(),
    ...(closedAt === null ? {} : { closeWindowTimestamp: closedAt.toISOString() }),
    ...(correlationId === null ? {} : { correlationId }),
    dataCollectionId: id,
  }
  const parts = Object.entries(fields).map(
    ([field, value]) => `${JSON.stringify(field)}: ${JSON.stringify(value)}`,
  )
  return `{${parts.join(', ')}}`
}
