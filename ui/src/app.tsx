import { useSyncExternalStore } from 'react'
import { isLoginAsked, onLoginChange } from './api/login.ts'
import { LanguageProvider } from './i18n/language.tsx'
import type { LiveWorker } from './live/live-worker.ts'
import { LiveContext } from './live/use-live.ts'
import { LoginPage } from './shell/login-page.tsx'
import { Shell } from './shell/shell.tsx'

/** The console: the shell around a page, or the question who one is. */
export function App({ live }: { readonly live: LiveWorker }) {
  const needsLogin = useSyncExternalStore(onLoginChange, isLoginAsked)
  return (
    <LanguageProvider>
      <LiveContext value={live}>
        <Shell needsLogin={needsLogin}>{needsLogin ? <LoginPage /> : null}</Shell>
      </LiveContext>
    </LanguageProvider>
  )
}
