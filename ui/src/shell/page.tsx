import { useMessages } from '../i18n/language.tsx'
import { OverviewPage } from '../overview/overview-page.tsx'
import { shellMessages } from './messages.ts'
import { linkTo } from './route.ts'

/** The page of a route. */
export function Page({ route }: { readonly route: readonly string[] }) {
  const [place = ''] = route
  switch (place) {
    case '':
      return <OverviewPage />
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
