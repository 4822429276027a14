import { useEffect, useRef, type ReactNode } from 'react'
import { useMessages } from '../i18n/language.tsx'
import { shellMessages } from './messages.ts'
import { Page } from './page.tsx'
import { useRoute } from './route.ts'
import { Sidebar } from './sidebar.tsx'
import './shell.css'

/** Navigation and the page beside it. @param children in place of the page */
export function Shell({
  needsLogin,
  children,
}: {
  readonly needsLogin: boolean
  readonly children: ReactNode
}) {
  const t = useMessages(shellMessages)
  const route = useRoute()
  const main = useRef<HTMLElement>(null)
  const place = route.slice(0, 2).join('/')
  const isFirst = useRef(true)
  // Who reads by ear or moves by keys is taken to the new page, as a real navigation would.
  useEffect(() => {
    if (isFirst.current) isFirst.current = false
    else {
      main.current?.focus({ preventScroll: true })
      window.scrollTo(0, 0)
    }
  }, [place])
  return (
    <div className="shell">
      <a
        className="skip-link"
        href="#main"
        onClick={(event) => {
          event.preventDefault()
          main.current?.focus()
        }}
      >
        {t.skip}
      </a>
      <Sidebar current={route[0] ?? ''} hasLogin={!needsLogin} />
      <main id="main" ref={main} tabIndex={-1}>
        {children ?? <Page route={route} />}
      </main>
    </div>
  )
}
