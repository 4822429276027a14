import { useMessages } from '../i18n/language.tsx'
import { useNumbers } from '../i18n/numbers.ts'
import { useHistory } from '../live/use-live.ts'
import type { ConnectorNumbers } from '../live/worker-events.ts'
import { connectorMessages } from './messages.ts'

/** What was counted of a connector in this worker. */
export function Counters({ name }: { readonly name: string }) {
  const t = useMessages(connectorMessages)
  const { count } = useNumbers()
  const numbers: ConnectorNumbers = useHistory(name)?.numbers ?? {}
  if (numbers.read === undefined) return null
  const entries = [
    [t.read, numbers.read],
    [t.written, numbers.written],
    [t.failures, numbers.failures],
    [t.skipped, numbers.skipped],
    [t.deadLetters, numbers.dead_letters],
  ] as const
  return (
    <section className="stack" aria-label={t.numbers}>
      <h2>{t.numbers}</h2>
      <dl className="panel counters numeric">
        {entries.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{count(value)}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
