import { useState } from 'react'
import { useMessages } from '../i18n/language.tsx'
import { Field } from '../parts/field.tsx'
import { topicMessages } from './messages.ts'

/** What somebody wants to see of a partition. */
export type Wanted =
  | { readonly kind: 'offset'; readonly offset: bigint }
  | { readonly kind: 'time'; readonly timeMs: number }
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'newest' }

interface BrowseFormProps {
  readonly partitions: readonly number[]
  readonly partition: number
  readonly isBusy: boolean
  readonly onPartition: (partition: number) => void
  readonly onWanted: (wanted: Wanted) => void
}

const WAYS = ['offset', 'time', 'key'] as const

/** By offset, by time, or by key. */
export function BrowseForm({ partitions, partition, isBusy, onPartition, onWanted }: BrowseFormProps) {
  const t = useMessages(topicMessages)
  const [texts, setTexts] = useState<Readonly<Record<(typeof WAYS)[number], string>>>({
    offset: '',
    time: '',
    key: '',
  })
  return (
    <div className="browse-form">
      {partitions.length < 2 ? null : (
        <Field label={t.partition}>
          {(props) => (
            <select
              {...props}
              className="input"
              value={partition}
              onChange={(event) => onPartition(Number(event.target.value))}
            >
              {partitions.map((id) => (
                <option key={id}>{id}</option>
              ))}
            </select>
          )}
        </Field>
      )}
      {WAYS.map((way) => (
        <form
          key={way}
          className="browse-form"
          onSubmit={(event) => {
            event.preventDefault()
            const wanted = wantedOf(way, texts[way])
            if (wanted !== null) onWanted(wanted)
          }}
        >
          <Field label={t[way]}>
            {(props) => (
              <input
                {...props}
                className="input"
                type={way === 'time' ? 'datetime-local' : 'text'}
                step={1}
                inputMode={way === 'offset' ? 'numeric' : undefined}
                value={texts[way]}
                onChange={(event) => setTexts({ ...texts, [way]: event.target.value })}
              />
            )}
          </Field>
          <button type="submit" className="button" disabled={isBusy || wantedOf(way, texts[way]) === null}>
            {way === 'key' ? t.find : t.go}
          </button>
        </form>
      ))}
    </div>
  )
}

/** Null: it says nothing yet. */
function wantedOf(way: (typeof WAYS)[number], text: string): Wanted | null {
  switch (way) {
    case 'offset':
      return /^\d{1,18}$/.test(text.trim()) ? { kind: 'offset', offset: BigInt(text.trim()) } : null
    case 'time': {
      const timeMs = new Date(text).getTime()
      return Number.isNaN(timeMs) ? null : { kind: 'time', timeMs }
    }
    case 'key':
      return text === '' ? null : { kind: 'key', key: text }
  }
}
