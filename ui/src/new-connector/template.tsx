import { useState } from 'react'
import { call } from '../api/client.ts'
import { errorsOf, useValidation } from '../config-form/validation.ts'
import { ValidationSummary } from '../config-form/validation-summary.tsx'
import { useMessages } from '../i18n/language.tsx'
import { JsonText } from '../parts/json-text.tsx'
import { Notice } from '../parts/notice.tsx'
import { useAction } from '../parts/use-action.ts'
import { Preflight } from '../preflight/preflight.tsx'
import { goTo } from '../shell/route.ts'
import { newConnectorMessages } from './messages.ts'
import { FIRST_SETTINGS, sinkConfig, sourceConfig, type PairSettings } from './pair.ts'
import { PostgresSection } from './postgres-section.tsx'
import { SearchSection } from './search-section.tsx'
import { NamesSection } from './names-section.tsx'
import type { Table } from './table-picker.tsx'

/** What each section shows and changes. */
export interface SectionProps {
  readonly settings: PairSettings
  readonly change: (changed: Partial<PairSettings>) => void
}

/** A source and a sink from a few questions. */
export function Template() {
  const t = useMessages(newConnectorMessages)
  const [settings, setSettings] = useState(FIRST_SETTINGS)
  const [tables, setTables] = useState<readonly Table[] | null>(null)
  const change = (changed: Partial<PairSettings>): void =>
    setSettings((before) => ({ ...before, ...changed }))
  const section = { settings, change }
  return (
    <div className="stack-wide">
      <PostgresSection {...section} tables={tables} onTables={setTables} />
      {settings.tables.length === 0 ? null : (
        <>
          <SearchSection {...section} tables={tables ?? []} />
          <NamesSection {...section} />
          <Review settings={settings} />
        </>
      )}
      {settings.tables.length === 0 && tables !== null ? <p className="soft">{t.chosen(0)}</p> : null}
    </div>
  )
}

/** What the worker says of both, what is posted, and the posting. */
function Review({ settings }: { readonly settings: PairSettings }) {
  const t = useMessages(newConnectorMessages)
  const [source, sink] = [sourceConfig(settings), sinkConfig(settings)]
  const [ofSource, ofSink] = [useValidation(source), useValidation(sink)]
  const [hasSource, setHasSource] = useState(false)
  const { run, isBusy, error } = useAction(async () => {
    // A second try, after the sink was refused.
    if (!hasSource) await call('POST', '/connectors', { body: { name: settings.sourceName, config: source } })
    setHasSource(true)
    await call('POST', '/connectors', { body: { name: settings.sinkName, config: sink } })
    goTo()
  })
  const isReady = [ofSource, ofSink].every((answer) => answer.isCurrent && errorsOf(answer).length === 0)
  return (
    <div className="stack">
      {[
        { title: t.source, validation: ofSource, config: source },
        { title: t.sink, validation: ofSink, config: sink },
      ].map(({ title, validation, config }) => (
        <section className="panel panel-padded stack" key={title} aria-label={title}>
          <div className="row-apart">
            <h2>{title}</h2>
            <ValidationSummary validation={validation} />
          </div>
          <details>
            <summary>{t.preview}</summary>
            <JsonText text={JSON.stringify(hidden(config))} />
          </details>
        </section>
      ))}
      <Preflight
        connectors={[
          { name: settings.sourceName, config: source },
          { name: settings.sinkName, config: sink },
        ]}
        isReady={isReady}
      />
      {error === null ? null : (
        <Notice tone="bad" title={hasSource ? t.half(settings.sourceName) : undefined}>
          {error}
        </Notice>
      )}
      <div>
        <button
          type="button"
          className="button button-primary"
          disabled={!isReady || isBusy}
          onClick={() => void run()}
        >
          {isBusy ? t.creating : t.create}
        </button>
      </div>
    </div>
  )
}

/** For eyes: without passwords. */
function hidden(config: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(config).map(([name, value]) => [
      name,
      name.endsWith('password') && value !== '' ? '••••' : value,
    ]),
  )
}
