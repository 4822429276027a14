import { useState } from 'react'
import { useMessages } from '../i18n/language.tsx'
import { Notice } from '../parts/notice.tsx'
import { useLoaded } from '../parts/use-loaded.ts'
import { linkTo } from '../shell/route.ts'
import { topicMessages } from './messages.ts'
import './topics.css'

/** The topics that there are. */
export function TopicsPage() {
  const t = useMessages(topicMessages)
  const { data, error } = useLoaded<readonly string[]>('/topics')
  const [filter, setFilter] = useState('')
  const wanted = filter.trim().toLowerCase()
  const shown = (data ?? []).filter((name) => name.toLowerCase().includes(wanted))
  return (
    <div className="stack">
      <div className="row-apart">
        <h1>{t.title}</h1>
        <input
          className="input topic-filter"
          type="search"
          aria-label={t.filter}
          placeholder={t.filter}
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
      </div>
      {error === null ? null : <Notice tone="bad">{error}</Notice>}
      {data === null ? null : shown.length === 0 ? (
        <p className="soft">{data.length === 0 ? t.none : t.noMatch}</p>
      ) : (
        <ul className="panel topic-list">
          {shown.map((name) => (
            <li key={name}>
              <a href={linkTo('topics', name)}>{name}</a>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
