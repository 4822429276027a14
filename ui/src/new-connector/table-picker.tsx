import { useState } from 'react'
import { useMessages } from '../i18n/language.tsx'
import { useNumbers } from '../i18n/numbers.ts'
import { newConnectorMessages } from './messages.ts'
import './table-picker.css'

export interface Table {
  readonly schema: string
  readonly table: string
  readonly estimated_rows: number
  readonly bytes: number
  readonly has_primary_key: boolean
}

export function nameOf({ schema, table }: Table): string {
  return `${schema}.${table}`
}

interface TablePickerProps {
  readonly tables: readonly Table[]
  readonly chosen: readonly string[]
  readonly onChange: (chosen: readonly string[]) => void
}

/** Which tables are to be captured. */
export function TablePicker({ tables, chosen, onChange }: TablePickerProps) {
  const t = useMessages(newConnectorMessages)
  const [filter, setFilter] = useState('')
  const wanted = filter.trim().toLowerCase()
  const shown = tables.filter((table) => nameOf(table).toLowerCase().includes(wanted))
  const set = new Set(chosen)
  const change = (names: readonly string[], isChosen: boolean): void => {
    const next = new Set(chosen)
    for (const name of names) {
      if (isChosen) next.add(name)
      else next.delete(name)
    }
    onChange(tables.map(nameOf).filter((name) => next.has(name)))
  }
  if (tables.length === 0) return <p className="soft">{t.noTables}</p>
  const shownNames = shown.map(nameOf)
  return (
    <fieldset className="table-picker">
      <legend className="field-label">{t.tables}</legend>
      <div className="row-apart">
        <input
          className="input table-filter"
          type="search"
          aria-label={t.filterTables}
          placeholder={t.filterTables}
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
        <label className="check">
          <input
            type="checkbox"
            checked={shown.length > 0 && shownNames.every((name) => set.has(name))}
            onChange={(event) => change(shownNames, event.target.checked)}
          />
          {t.all}
        </label>
      </div>
      <ul>
        {shown.map((table) => (
          <TableChoice
            key={nameOf(table)}
            table={table}
            isChosen={set.has(nameOf(table))}
            onChange={(isChosen) => change([nameOf(table)], isChosen)}
          />
        ))}
      </ul>
      <p className="soft small" role="status">
        {t.chosen(chosen.length)}
      </p>
    </fieldset>
  )
}

interface TableChoiceProps {
  readonly table: Table
  readonly isChosen: boolean
  readonly onChange: (isChosen: boolean) => void
}

function TableChoice({ table, isChosen, onChange }: TableChoiceProps) {
  const t = useMessages(newConnectorMessages)
  const { compact, bytes } = useNumbers()
  const facts = [
    ...(table.estimated_rows >= 0 ? [t.rows(compact(table.estimated_rows))] : []),
    bytes(table.bytes),
    ...(table.has_primary_key ? [] : [t.noKey]),
  ]
  return (
    <li>
      <label className="check">
        <input type="checkbox" checked={isChosen} onChange={(event) => onChange(event.target.checked)} />
        <span>
          <span className="soft">{table.schema}.</span>
          {table.table}
        </span>
      </label>
      <span className="soft small numeric">{facts.join(' · ')}</span>
    </li>
  )
}
