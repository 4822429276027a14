import { useMessages } from '../i18n/language.tsx'
import { worstState } from '../live/connector-state.ts'
import { useConnection, useConnector } from '../live/use-live.ts'
import { StateBadge } from '../parts/state-badge.tsx'
import { Tabs } from '../parts/tabs.tsx'
import { linkTo } from '../shell/route.ts'
import { ConfigTab } from './config-tab.tsx'
import { ConnectorActions } from './connector-actions.tsx'
import { connectorMessages } from './messages.ts'
import { OffsetsTab } from './offsets-tab.tsx'
import { StatusTab } from './status-tab.tsx'

const PARTS = ['status', 'config', 'offsets'] as const

/** One connector. @param part which of its parts is shown */
export function ConnectorPage({ name, part }: { readonly name: string; readonly part: string }) {
  const t = useMessages(connectorMessages)
  const connector = useConnector(name)
  const isKnown = useConnection() !== 'connecting'
  const back = (
    <a className="small" href={linkTo()}>
      ← {t.back}
    </a>
  )
  if (connector === null) {
    return (
      <div className="stack">
        {back}
        <h1>{isKnown ? t.unknown : name}</h1>
      </div>
    )
  }
  const current = PARTS.find((known) => known === part) ?? 'status'
  return (
    <div className="stack">
      {back}
      <div className="row-apart">
        <div className="row">
          <h1>{name}</h1>
          <StateBadge state={worstState(connector)} />
        </div>
        <ConnectorActions connector={connector} />
      </div>
      <p className="soft small mono connector-class">{connector.class}</p>
      <Tabs
        label={t.parts}
        tabs={PARTS.map((known) => ({
          label: t[known],
          href: linkTo('connectors', name, ...(known === 'status' ? [] : [known])),
          isCurrent: known === current,
        }))}
      />
      {current === 'status' ? <StatusTab connector={connector} /> : null}
      {current === 'config' ? <ConfigTab key={name} connector={connector} /> : null}
      {current === 'offsets' ? <OffsetsTab key={name} connector={connector} /> : null}
    </div>
  )
}
