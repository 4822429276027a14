import type { JsonObject } from '../api/record.ts'
import { checkTableCount } from './catalog/table-guardrail.ts'
import { checkServer } from './replication/check-server.ts'
import { ensurePublication } from './replication/publication.ts'
import { setReplicaIdentities } from './replication/set-replica-identities.ts'
import { settledTransactions } from './replication/settled-transactions.ts'
import { readSlot, readWalLsn } from './replication/slot.ts'
import { readSourceOffset } from './replication/source-offset.ts'
import { planStart, type StartPlan } from './replication/start-plan.ts'
import { warnOfUnidentifiedTables } from './replication/unidentified-tables.ts'
import { KnownTables } from './snapshot/known-tables.ts'
import type { SourceSession } from './source-session.ts'
import type { PostgresConnection } from './wire/connection.ts'

/** What a task begins with. */
export interface PreparedStart {
  readonly plan: StartPlan
  /** The offset that was stored; null: there was none. */
  readonly stored: JsonObject | null
  /** Null: new tables are not looked for. */
  readonly known: KnownTables | null
}

/**
 * Finds out how a task is to start, and sees to what must be so before its first row is read: the publication, replica
 * identities, and that nobody writes any more who began before a table was published.
 */
export async function prepareStart(
  session: SourceSession,
  connection: PostgresConnection,
): Promise<PreparedStart> {
  const { options, context, partition, signal } = session
  await checkServer(connection)
  const stored = await context.offset(partition)
  const offset = stored === null ? null : readSourceOffset(stored)
  const server = {
    slot: await readSlot(connection, options),
    walLsn: await readWalLsn(connection),
    forkLsn: await session.timeline.compare(session, connection, stored),
  }
  const plan = planStart(offset, server, options)
  const added = options.snapshotPolicy.thenStream ? await ensurePublication(connection, options) : []
  if (added.length > 0 && plan.kind === 'stream') {
    context.log.warn(
      { tables: added, publication: options.publicationName },
      'these tables were not in the publication, and are now: what was changed in them before does not come with the stream',
    )
  }
  const isNew = stored === null && server.slot === null
  const begun = { plan, stored, added: isNew ? [] : added }
  const known = options.snapshotNewTables ? await knownTables(session, connection, begun) : null
  const isBesideSlot = plan.kind === 'snapshot' && server.slot !== null
  if (isBesideSlot && options.publicationAutocreateMode === 'filtered')
    await settledTransactions(connection, { log: context.log, signal })
  await checkTableCount(connection, options, context.log)
  await setReplicaIdentities(connection, session)
  await warnOfUnidentifiedTables(connection, session)
  if (plan.kind === 'stream' && plan.isMoved) {
    context.log.warn(
      { slot: options.slotName, fromLsn: offset!.lsn, toLsn: plan.offset.lsn },
      'the replication slot is beyond the stored offset, and trusted (offset.mismatch.strategy): changes in between are left out',
    )
  }
  return { plan, stored, known }
}

/**
 * A snapshot reads all that there is now; and where nobody noted what was there, that counts as known. Not so what is
 * published only now, behind an offset or a slot: what was written into it before is in no stream.
 */
async function knownTables(
  { options }: SourceSession,
  connection: PostgresConnection,
  { plan, stored, added }: Pick<PreparedStart, 'plan' | 'stored'> & { readonly added: readonly string[] },
): Promise<KnownTables> {
  if (plan.kind === 'snapshot') return KnownTables.now(connection, options)
  return KnownTables.stored(stored) ?? KnownTables.now(connection, options, added)
}
