import { useEffect, useState } from 'react'
import { call, pathOf } from '../api/client.ts'
import { stringifyExact } from '../api/exact-json.ts'
import { useMessages } from '../i18n/language.tsx'
import { useNumbers } from '../i18n/numbers.ts'
import { useConnectors } from '../live/use-live.ts'
import { Field } from '../parts/field.tsx'
import { JsonText } from '../parts/json-text.tsx'
import { Notice } from '../parts/notice.tsx'
import { useAction } from '../parts/use-action.ts'
import { useLoaded } from '../parts/use-loaded.ts'
import { searchMessages } from './messages.ts'
import './search.css'

interface Indices {
  readonly indices: readonly { readonly topic: string; readonly index: string }[]
}

interface Found {
  readonly total: number
  readonly documents: readonly { readonly id: string; readonly index: string; readonly source: unknown }[]
}

/** What search servers show at most. */
const FURTHEST = 10_000

/** Tries the index behind a sink. */
export function SearchPage() {
  const t = useMessages(searchMessages)
  const sinks = useConnectors().filter(({ type }) => type === 'sink')
  const [wanted, setSink] = useState<string | null>(null)
  const sink = wanted ?? sinks[0]?.name ?? null
  return (
    <div className="stack">
      <h1>{t.title}</h1>
      <p className="soft">{t.hint}</p>
      {sink === null ? (
        <p className="soft">{t.none}</p>
      ) : (
        <>
          <Field label={t.sink}>
            {(props) => (
              <select
                {...props}
                className="input search-choice"
                value={sink}
                onChange={(event) => setSink(event.target.value)}
              >
                {sinks.map(({ name }) => (
                  <option key={name}>{name}</option>
                ))}
              </select>
            )}
          </Field>
          <SearchIn key={sink} sink={sink} />
        </>
      )}
    </div>
  )
}

function SearchIn({ sink }: { readonly sink: string }) {
  const t = useMessages(searchMessages)
  const { data, error: indexError } = useLoaded<Indices>(`${pathOf('connectors', sink)}/indices`)
  const indices = [...new Set((data?.indices ?? []).map(({ index }) => index))]
  const [chosen, setChosen] = useState<string | null>(null)
  const [query, setQuery] = useState('')
  /** With the query that it answers, whatever is typed since. */
  const [found, setFound] = useState<(Found & { readonly query: string }) | null>(null)
  const index = chosen ?? indices[0] ?? ''
  const ask = (asked: string, from: number): Promise<Found> => {
    const parameters = new URLSearchParams({ index, query: asked, from: String(from) })
    return call<Found>('GET', `${pathOf('connectors', sink)}/documents?${parameters}`)
  }
  const { run, isBusy, error } = useAction(async () => {
    if (index !== '') setFound({ ...(await ask(query, 0)), query })
  })
  const more = useAction(async () => {
    if (found === null) return
    const next = await ask(found.query, found.documents.length)
    const seen = new Set(found.documents.map(({ id }) => id))
    // Documents that came meanwhile move the others.
    const documents = next.documents.filter(({ id }) => !seen.has(id))
    setFound({ ...found, total: next.total, documents: [...found.documents, ...documents] })
  })
  useEffect(() => {
    void run()
    // Once for each index; further searches are asked for.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [index])
  const failure = indexError ?? error ?? more.error
  return (
    <>
      <form
        className="search-form"
        role="search"
        onSubmit={(event) => {
          event.preventDefault()
          void run()
        }}
      >
        <Field label={t.index}>
          {(props) => (
            <select
              {...props}
              className="input"
              value={index}
              onChange={(event) => setChosen(event.target.value)}
            >
              {indices.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          )}
        </Field>
        <Field label={t.query} hint={t.queryHint}>
          {(props) => (
            <input
              {...props}
              className="input"
              type="search"
              spellCheck={false}
              value={query}
              onChange={(event) => setQuery(event.target.value)}
            />
          )}
        </Field>
        <button type="submit" className="button button-primary" disabled={isBusy || index === ''}>
          {t.search}
        </button>
      </form>
      {data !== null && indices.length === 0 ? <p className="soft">{t.noIndex}</p> : null}
      {failure === null ? null : <Notice tone="bad">{failure}</Notice>}
      {found === null ? null : <Documents found={found} />}
      {found === null || found.documents.length >= Math.min(found.total, FURTHEST) ? null : (
        <div>
          <button type="button" className="button" disabled={more.isBusy} onClick={() => void more.run()}>
            {t.more}
          </button>
        </div>
      )}
    </>
  )
}

function Documents({ found: { total, documents } }: { readonly found: Found }) {
  const t = useMessages(searchMessages)
  const { count } = useNumbers()
  return (
    <section className="stack" aria-label={t.documents}>
      <p className="soft small" role="status">
        {t.total(count(total))}
      </p>
      <ul className="documents">
        {documents.map(({ id, index, source }) => (
          <li key={`${index} ${id}`} className="panel document">
            <p className="mono small document-id">{id}</p>
            <JsonText text={stringifyExact(source)} />
          </li>
        ))}
      </ul>
    </section>
  )
}
