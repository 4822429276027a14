import { useMessages } from '../i18n/language.tsx'
import { Tabs } from '../parts/tabs.tsx'
import { linkTo } from '../shell/route.ts'
import { newConnectorMessages } from './messages.ts'
import { OwnConfiguration } from './own-configuration.tsx'
import { Template } from './template.tsx'

/** Connectors are made from the template, or from a configuration of one's own. */
export function NewConnectorPage({ part }: { readonly part: string }) {
  const t = useMessages(newConnectorMessages)
  const isOwn = part === 'own'
  return (
    <div className="stack">
      <h1>{t.title}</h1>
      <Tabs
        label={t.how}
        tabs={[
          { label: t.template, href: linkTo('new'), isCurrent: !isOwn },
          { label: t.own, href: linkTo('new', 'own'), isCurrent: isOwn },
        ]}
      />
      {isOwn ? <OwnConfiguration /> : <Template />}
    </div>
  )
}
