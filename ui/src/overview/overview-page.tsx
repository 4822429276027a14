import { useMessages } from '../i18n/language.tsx'
import { useConnection, useConnectors } from '../live/use-live.ts'
import { Icon } from '../parts/icon.tsx'
import { linkTo } from '../shell/route.ts'
import { ConnectorList } from './connector-list.tsx'
import { overviewMessages } from './messages.ts'
import { Trouble } from './trouble.tsx'
import { WorkerCharts } from './worker-charts.tsx'
import './overview.css'

/** All connectors of the worker at a glance. */
export function OverviewPage() {
  const t = useMessages(overviewMessages)
  const connectors = useConnectors()
  const isKnown = useConnection() !== 'connecting'
  return (
    <div className="stack-wide">
      <div className="row-apart">
        <h1>{t.title}</h1>
        <a className="button button-primary" href={linkTo('new')}>
          <Icon name="plus" />
          {t.newConnector}
        </a>
      </div>
      {connectors.length > 0 ? (
        <>
          <Trouble connectors={connectors} />
          <WorkerCharts />
          <ConnectorList connectors={connectors} />
        </>
      ) : isKnown ? (
        <div className="panel panel-padded stack empty">
          <h2>{t.none}</h2>
          <p className="soft">{t.noneHint}</p>
          <p>
            <a className="button" href={linkTo('new')}>
              {t.newConnector}
            </a>
          </p>
        </div>
      ) : null}
    </div>
  )
}
