import { type ConnectError, RetriableError } from '../../api/errors.ts'
import { openConnection, type SourceSession } from '../source-session.ts'
import { positionLost, postgresFailure, sqlState } from '../wire/failure.ts'
import { formatLsn } from '../wire/lsn.ts'
import { quoteIdentifier, quoteLiteral } from '../wire/sql-text.ts'
import type { ControlConnection } from './control-connection.ts'
import { outputParameters } from './output-parameters.ts'
import { pause } from './pause.ts'
import { readSlot } from './slot.ts'
import { WalStream, type WalListener } from './wal-stream.ts'

/**
 * Opens the replication connection and starts streaming. When the slot is in use it tries again, as often as
 * `slot.max.retries` says: after a crash the server may take a while to notice that the former connection is gone.
 */
export async function openStream(
  session: SourceSession,
  control: ControlConnection,
  start: { readonly lsn: bigint; readonly listener: WalListener },
): Promise<WalStream> {
  const { options, signal, context } = session
  const parameters = await outputParameters(await control.get(), options)
  for (let attempt = 0; ; attempt++) {
    const walsender = await openConnection(session, 'replication')
    const stream = new WalStream(walsender, start.listener, options.silenceTimeoutMs)
    try {
      await stream.start(startCommand(options.slotName, start.lsn, parameters))
      return stream
    } catch (error) {
      stream.close()
      if (sqlState(error) === '42704') {
        throw positionLost(start.lsn, `the replication slot "${options.slotName}" does not exist`)
      }
      if (sqlState(error) === '55000') throw positionLost(start.lsn, (error as Error).message)
      if (sqlState(error) !== '55006') throw postgresFailure(error, walsender.server, 'Starting to stream')
      if (attempt >= options.slotMaxRetries) throw await slotInUse(session, control)
    }
    context.log.warn(
      { slot: options.slotName, attempt: attempt + 1 },
      'replication slot in use, trying again',
    )
    await pause(options.slotRetryDelayMs, signal)
  }
}

function startCommand(
  slotName: string,
  lsn: bigint,
  parameters: readonly (readonly [name: string, value: string])[],
): string {
  const list = parameters.map(([name, value]) => `${quoteIdentifier(name)} ${quoteLiteral(value)}`)
  return `START_REPLICATION SLOT ${quoteIdentifier(slotName)} LOGICAL ${formatLsn(lsn)} (${list.join(', ')})`
}

async function slotInUse(session: SourceSession, control: ControlConnection): Promise<ConnectError> {
  const { slotName } = session.options
  const pid = (await readSlot(await control.get(), session.options))?.activePid ?? null
  const holder = pid === null ? 'another connection' : `the server process ${pid}`
  return new RetriableError(
    'postgres.slot-in-use',
    `The replication slot "${slotName}" is in use by ${holder}. Stop what streams from it` +
      `${pid === null ? '' : ` (pg_terminate_backend(${pid}) ends that connection)`}, or give this connector another slot.name.`,
  )
}
