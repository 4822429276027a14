import { ConnectorPage } from '../connector/connector-page.tsx'
import { DeadLettersPage } from '../dead-letters/dead-letters-page.tsx'
import { LettersPage } from '../dead-letters/letters-page.tsx'
import { useMessages } from '../i18n/language.tsx'
import { NewConnectorPage } from '../new-connector/new-connector-page.tsx'
import { OverviewPage } from '../overview/overview-page.tsx'
import { SearchPage } from '../search/search-page.tsx'
import { TopicPage } from '../topics/topic-page.tsx'
import { TopicsPage } from '../topics/topics-page.tsx'
import { WorkersPage } from '../workers/workers-page.tsx'
import { shellMessages } from './messages.ts'
import { linkTo } from './route.ts'

/** The page of a route. */
export function Page({ route }: { readonly route: readonly string[] }) {
  const [place = '', name = '', part = '', offset = ''] = route
  switch (place) {
    case '':
      return <OverviewPage />
    case 'connectors':
      return name === '' ? <OverviewPage /> : <ConnectorPage key={name} name={name} part={part} />
    case 'new':
      return <NewConnectorPage part={name} />
    case 'topics':
      return name === '' ? (
        <TopicsPage />
      ) : (
        <TopicPage key={name} name={name} partition={part} offset={offset} />
      )
    case 'dead-letters':
      return name === '' ? <DeadLettersPage /> : <LettersPage key={name} topic={name} />
    case 'search':
      return <SearchPage />
    case 'workers':
      return <WorkersPage />
    default:
      return <UnknownPage />
  }
}

function UnknownPage() {
  const t = useMessages(shellMessages)
  return (
    <div className="stack">
      <h1>{t.unknownPage}</h1>
      <p>
        <a href={linkTo()}>{t.toOverview}</a>
      </p>
    </div>
  )
}
