import { call, pathOf } from '../api/client.ts'
import { useMessages } from '../i18n/language.tsx'
import { Notice } from '../parts/notice.tsx'
import { useAction } from '../parts/use-action.ts'
import { newConnectorMessages } from './messages.ts'
import { POSTGRES, serverConfig } from './pair.ts'
import { TablePicker, type Table } from './table-picker.tsx'
import type { SectionProps } from './template.tsx'
import { TextField } from './text-field.tsx'

interface PostgresSectionProps extends SectionProps {
  /** Null: they were not listed yet. */
  readonly tables: readonly Table[] | null
  readonly onTables: (tables: readonly Table[] | null) => void
}

/** The database, and which of its tables. */
export function PostgresSection({ settings, change, tables, onTables }: PostgresSectionProps) {
  const t = useMessages(newConnectorMessages)
  const { run, isBusy, error } = useAction(async () => {
    const path = pathOf('connector-plugins', POSTGRES, 'tables')
    const answer = await call<{ readonly tables: readonly Table[] }>('PUT', path, {
      body: serverConfig(settings),
    })
    onTables(answer.tables)
  })
  const server = (changed: Parameters<typeof change>[0]): void => {
    // Tables of another server are other tables.
    change({ ...changed, tables: [] })
    onTables(null)
  }
  return (
    <fieldset className="panel form-section">
      <legend>{t.postgres}</legend>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          void run()
        }}
      >
        <div className="form-grid">
          <TextField label={t.host} value={settings.host} onChange={(host) => server({ host })} />
          <TextField label={t.port} value={settings.port} onChange={(port) => server({ port })} />
          <TextField
            label={t.database}
            value={settings.database}
            onChange={(database) => server({ database })}
          />
          <TextField label={t.user} value={settings.user} onChange={(user) => server({ user })} />
          <TextField
            label={t.password}
            isSecret
            value={settings.password}
            onChange={(password) => server({ password })}
          />
        </div>
        <div>
          <button type="submit" className="button" disabled={isBusy}>
            {tables === null ? t.listTables : t.listAgain}
          </button>
        </div>
      </form>
      {error === null ? null : <Notice tone="bad">{error}</Notice>}
      {tables === null ? null : (
        <TablePicker
          tables={tables}
          chosen={settings.tables}
          onChange={(chosen) => change({ tables: chosen })}
        />
      )}
    </fieldset>
  )
}
