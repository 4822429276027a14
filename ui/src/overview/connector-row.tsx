import { memo, useRef } from 'react'
import { useMessages } from '../i18n/language.tsx'
import { useNumbers } from '../i18n/numbers.ts'
import { useHistory, useLive } from '../live/use-live.ts'
import { worstState } from '../live/connector-state.ts'
import type { ConnectorView } from '../live/worker-events.ts'
import { Sparkline } from '../parts/sparkline.tsx'
import { useIsSeen } from '../parts/use-is-seen.ts'
import { StateBadge } from '../parts/state-badge.tsx'
import { linkTo } from '../shell/route.ts'
import { overviewMessages } from './messages.ts'

const NO_VALUES = new Float64Array(60).fill(NaN)

interface ConnectorRowProps {
  readonly connector: ConnectorView
  /** Whether it is among those that the first screen may show. */
  readonly isFirst: boolean
}

/** One connector: its state, and its numbers as they come. */
export const ConnectorRow = memo(function ConnectorRow({ connector, isFirst }: ConnectorRowProps) {
  const t = useMessages(overviewMessages)
  const { name, type, tasks } = connector
  const row = useRef<HTMLDivElement>(null)
  const isSeen = useIsSeen(row, isFirst)
  const running = tasks.filter(({ state }) => state === 'RUNNING').length
  return (
    <div className="connector-row" role="row" ref={row}>
      <div role="cell" className="connector-name">
        <a href={linkTo('connectors', name)}>{name}</a>
        <span className="soft small">{t[type]}</span>
      </div>
      <div role="cell" className="connector-state">
        <StateBadge state={worstState(connector)} />
        {tasks.length > 1 || running < tasks.length ? (
          <span className="soft small">{t.tasks(running, tasks.length)}</span>
        ) : null}
      </div>
      <Numbers name={name} isSeen={isSeen} />
    </div>
  )
})

function Numbers({ name, isSeen }: { readonly name: string; readonly isSeen: boolean }) {
  const t = useMessages(overviewMessages)
  const { compact, bytes, duration } = useNumbers()
  const history = useHistory(name, isSeen)
  const { samples } = useLive()
  const { lag_records: records, lag_ms: lagMs, lag_bytes: lagBytes } = history?.numbers ?? {}
  const isSink = records !== undefined
  return (
    <>
      <div role="cell" className="connector-rate numeric" data-label={t.rate}>
        <Sparkline values={history?.rate.values ?? NO_VALUES} sample={samples} />
        {compact(history?.rate.last)}
      </div>
      <div role="cell" className="numeric" data-label={t.lag}>
        {isSink ? compact(records) : bytes(lagBytes)}{' '}
        <span className="soft small">{isSink && records > 0 ? duration(lagMs) : ''}</span>
      </div>
      <div role="cell" className="numeric" data-label={t.wal}>
        {bytes(history?.numbers.retained_wal_bytes)}
      </div>
      <div role="cell" className="numeric" data-label={t.delay}>
        {duration(
          history === null
            ? NaN
            : (isSink ? history.delayMs : history.lagMs).values.findLast((value) => !Number.isNaN(value)),
        )}
      </div>
    </>
  )
}
