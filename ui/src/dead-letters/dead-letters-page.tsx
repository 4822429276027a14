import { useMessages } from '../i18n/language.tsx'
import { useNumbers } from '../i18n/numbers.ts'
import { Notice } from '../parts/notice.tsx'
import { useLoaded } from '../parts/use-loaded.ts'
import { linkTo } from '../shell/route.ts'
import { deadLetterMessages } from './messages.ts'
import './dead-letters.css'

interface DeadLetterTopic {
  readonly topic: string
  readonly connectors: readonly string[]
  readonly exists: boolean
  readonly open: number
  readonly all: number
}

/** The dead letter topics of the connectors. */
export function DeadLettersPage() {
  const t = useMessages(deadLetterMessages)
  const { count } = useNumbers()
  const { data, error } = useLoaded<readonly DeadLetterTopic[]>('/dead-letters')
  return (
    <div className="stack">
      <h1>{t.title}</h1>
      <p className="soft">{t.hint}</p>
      {error === null ? null : <Notice tone="bad">{error}</Notice>}
      {data === null ? null : data.length === 0 ? (
        <p className="soft">{t.none}</p>
      ) : (
        <ul className="panel letter-topics">
          {data.map(({ topic, connectors, exists, open, all }) => (
            <li key={topic}>
              <div>
                {exists ? <a href={linkTo('dead-letters', topic)}>{topic}</a> : <span>{topic}</span>}
                <p className="soft small">{t.of(connectors.join(', '))}</p>
              </div>
              <span className={`numeric small ${open > 0 ? 'letters-open' : 'soft'}`}>
                {exists ? t.open(count(open), count(all)) : t.missing}
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
