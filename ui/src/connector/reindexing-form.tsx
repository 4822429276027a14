import { useState } from 'react'
import { useMessages } from '../i18n/language.tsx'
import { reindexingMessages } from './reindexing-messages.ts'

interface ReindexingFormProps {
  readonly label: string
  readonly isBusy: boolean
  /** @param query the parameters of the request */
  readonly onStart: (query: string) => void
}

/** What a new index is filled from, and what becomes of the old one. */
export function ReindexingForm({ label, isBusy, onStart }: ReindexingFormProps) {
  const t = useMessages(reindexingMessages)
  const [from, setFrom] = useState<'log' | 'snapshot'>('log')
  const [isDeletingOld, setDeletingOld] = useState(false)
  const [areFewerAccepted, setFewerAccepted] = useState(false)
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault()
        const choices = { delete_old: String(isDeletingOld), accept_fewer: String(areFewerAccepted) }
        onStart(`?${new URLSearchParams({ from, ...choices }).toString()}`)
      }}
    >
      <div className="row" role="radiogroup" aria-label={t.from}>
        {(['log', 'snapshot'] as const).map((place) => (
          <label className="check" key={place}>
            <input type="radio" name="from" checked={from === place} onChange={() => setFrom(place)} />
            {t[place]}
          </label>
        ))}
      </div>
      <label className="check">
        <input
          type="checkbox"
          checked={isDeletingOld}
          onChange={(event) => setDeletingOld(event.target.checked)}
        />
        {t.deleteOld}
      </label>
      <label className="check">
        <input
          type="checkbox"
          checked={areFewerAccepted}
          onChange={(event) => setFewerAccepted(event.target.checked)}
        />
        {t.acceptFewer}
      </label>
      <div>
        <button type="submit" className="button button-small" disabled={isBusy}>
          {label}
        </button>
      </div>
    </form>
  )
}
