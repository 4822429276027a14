import { authorization, logOut } from '../api/login.ts'
import { useLanguage, useMessages } from '../i18n/language.tsx'
import { useConnection, useWorkerInfo } from '../live/use-live.ts'
import { Icon, type IconName } from '../parts/icon.tsx'
import { shellMessages } from './messages.ts'
import { linkTo } from './route.ts'
import { useTheme } from './theme.ts'
import './sidebar.css'

const PLACES = [
  ['', 'overview', 'overview'],
  ['topics', 'topics', 'topics'],
  ['dead-letters', 'deadLetters', 'letters'],
  ['search', 'search', 'search'],
  ['workers', 'workers', 'workers'],
] as const satisfies readonly (readonly [string, keyof (typeof shellMessages)['en'], IconName])[]

/** Where one can go, how the worker is reached, and how the console looks. */
export function Sidebar({ current, hasLogin }: { readonly current: string; readonly hasLogin: boolean }) {
  const t = useMessages(shellMessages)
  return (
    <header className="sidebar">
      <a className="wordmark" href={linkTo()}>
        <svg viewBox="0 0 32 32" aria-hidden="true">
          <path d="M5 10c4-3 7-3 11 0s7 3 11 0M5 17c4-3 7-3 11 0s7 3 11 0M5 24c4-3 7-3 11 0" />
        </svg>
        tailrace
      </a>
      <nav aria-label={t.navigation}>
        <ul>
          {PLACES.map(([place, label, icon]) => (
            <li key={place}>
              <a
                href={linkTo(...(place === '' ? [] : [place]))}
                aria-current={isCurrent(place, current) ? 'page' : undefined}
              >
                <Icon name={icon} />
                {t[label]}
              </a>
            </li>
          ))}
          <li>
            <a href="../docs/" target="_blank" rel="noopener">
              <Icon name="docs" />
              {t.docs}
            </a>
          </li>
        </ul>
      </nav>
      <div className="sidebar-foot">
        <ConnectionState />
        <div className="row">
          <ThemeButton />
          <LanguageButton />
          {hasLogin && authorization() !== null ? (
            <button type="button" className="button button-quiet button-small" onClick={logOut}>
              <Icon name="leave" />
              <span className="visually-hidden">{t.logOut}</span>
            </button>
          ) : null}
        </div>
      </div>
    </header>
  )
}

function isCurrent(place: string, current: string): boolean {
  return place === current || (place === '' && ['connectors', 'new'].includes(current))
}

function ConnectionState() {
  const t = useMessages(shellMessages)
  const connection = useConnection()
  const info = useWorkerInfo()
  return (
    <p className={`connection connection-${connection}`} role="status">
      <span className="connection-dot" aria-hidden="true" />
      {t[connection]}
      {connection === 'open' && info !== null ? (
        <span className="connection-version">{info.commit}</span>
      ) : null}
    </p>
  )
}

function ThemeButton() {
  const t = useMessages(shellMessages)
  const { theme, toggle } = useTheme()
  return (
    <button type="button" className="button button-quiet button-small" onClick={toggle}>
      <Icon name={theme === 'dark' ? 'sun' : 'moon'} />
      <span className="visually-hidden">{theme === 'dark' ? t.toLight : t.toDark}</span>
    </button>
  )
}

function LanguageButton() {
  const { language, choose } = useLanguage()
  const other = language === 'en' ? 'ko' : 'en'
  return (
    <button
      type="button"
      className="button button-quiet button-small"
      lang={other}
      onClick={() => choose(other)}
    >
      {other === 'ko' ? '한국어' : 'English'}
    </button>
  )
}
