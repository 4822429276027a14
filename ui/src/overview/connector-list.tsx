import { useState } from 'react'
import { useMessages } from '../i18n/language.tsx'
import type { ConnectorView } from '../live/worker-events.ts'
import { useGrowingCount } from '../parts/use-growing-count.ts'
import { ConnectorRow } from './connector-row.tsx'
import { overviewMessages } from './messages.ts'
import './connector-list.css'

/** So many can be looked over without a filter. */
const MANY = 12

/** So many are there at once, more than a screen holds. */
const AT_ONCE = 25

/** A row for each connector. */
export function ConnectorList({ connectors }: { readonly connectors: readonly ConnectorView[] }) {
  const t = useMessages(overviewMessages)
  const [filter, setFilter] = useState('')
  const wanted = filter.trim().toLowerCase()
  const shown = connectors.filter(({ name }) => name.toLowerCase().includes(wanted))
  return (
    <section className="stack" aria-labelledby="connectors-title">
      <div className="row-apart">
        <h2 id="connectors-title">
          {t.connectors} <span className="soft numeric">{connectors.length}</span>
        </h2>
        {connectors.length < MANY ? null : (
          <input
            className="input connector-filter"
            type="search"
            aria-label={t.filter}
            placeholder={t.filter}
            value={filter}
            onChange={(event) => setFilter(event.target.value)}
          />
        )}
      </div>
      {shown.length === 0 ? <p className="soft">{t.noMatch}</p> : <Rows connectors={shown} />}
    </section>
  )
}

function Rows({ connectors }: { readonly connectors: readonly ConnectorView[] }) {
  const t = useMessages(overviewMessages)
  const count = useGrowingCount(connectors.length, AT_ONCE)
  return (
    <div className="panel connector-table" role="table" aria-label={t.connectors}>
      <div className="connector-row connector-head" role="row">
        {[t.name, t.state, t.rate, t.lag, t.wal, t.delay].map((title) => (
          <span role="columnheader" key={title}>
            {title}
          </span>
        ))}
      </div>
      {connectors.slice(0, count).map((connector, index) => (
        <ConnectorRow key={connector.name} connector={connector} isFirst={index < AT_ONCE} />
      ))}
    </div>
  )
}
