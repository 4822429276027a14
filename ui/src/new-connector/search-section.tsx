import { useMessages } from '../i18n/language.tsx'
import { Notice } from '../parts/notice.tsx'
import { newConnectorMessages } from './messages.ts'
import { nameOf, type Table } from './table-picker.tsx'
import type { SectionProps } from './template.tsx'
import { TextField } from './text-field.tsx'

/** The search server, and what a document stands for. */
export function SearchSection({
  settings,
  change,
  tables,
}: SectionProps & { readonly tables: readonly Table[] }) {
  const t = useMessages(newConnectorMessages)
  const keyless = tables.filter((table) => !table.has_primary_key && settings.tables.includes(nameOf(table)))
  return (
    <fieldset className="panel form-section">
      <legend>{t.elasticsearch}</legend>
      <div className="form-grid">
        <TextField label={t.url} value={settings.url} onChange={(url) => change({ url })} />
        <TextField
          label={t.user}
          value={settings.searchUser}
          onChange={(searchUser) => change({ searchUser })}
        />
        <TextField
          label={t.password}
          isSecret
          value={settings.searchPassword}
          onChange={(searchPassword) => change({ searchPassword })}
        />
      </div>
      <div className="stack" role="radiogroup" aria-label={t.documents}>
        {[true, false].map((isMirror) => (
          <label className="check" key={String(isMirror)}>
            <input
              type="radio"
              name="documents"
              checked={settings.isMirror === isMirror}
              onChange={() => change({ isMirror })}
            />
            {isMirror ? t.perRow : t.perChange}
          </label>
        ))}
      </div>
      {settings.isMirror && keyless.length > 0 ? (
        <Notice tone="warn">{t.perRowNeedsKey(keyless.map(nameOf).join(', '))}</Notice>
      ) : null}
    </fieldset>
  )
}
