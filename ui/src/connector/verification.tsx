import { call, pathOf } from '../api/client.ts'
import { useMessages } from '../i18n/language.tsx'
import { useNumbers } from '../i18n/numbers.ts'
import type { ConnectorView, VerificationView } from '../live/worker-events.ts'
import { Notice } from '../parts/notice.tsx'
import { useAction } from '../parts/use-action.ts'
import { UnfinishedJob } from './unfinished-job.tsx'
import { verificationMessages } from './verification-messages.ts'

/** Whether the documents of a sink are as the rows of its tables. */
export function Verification({
  connector: { name, verification: state },
}: {
  readonly connector: ConnectorView
}) {
  const t = useMessages(verificationMessages)
  const path = `${pathOf('connectors', name)}/verification`
  const start = useAction((query: string) => call('POST', path + query))
  const stop = useAction(() => call('DELETE', path))
  const isRunning = state?.state === 'RUNNING'
  return (
    <section className="stack" aria-label={t.title}>
      <div className="row-apart">
        <h2>{t.title}</h2>
        <div className="row">
          {isRunning ? (
            <button type="button" className="button button-small" onClick={() => void stop.run()}>
              {t.cancel}
            </button>
          ) : (
            (['', '?repair=true'] as const).map((query) => (
              <button
                key={query}
                type="button"
                className="button button-small"
                disabled={start.isBusy}
                onClick={() => void start.run(query)}
              >
                {query === '' ? t.verify : t.repair}
              </button>
            ))
          )}
        </div>
      </div>
      <p className="soft small">{t.hint}</p>
      {start.error === null ? null : <Notice tone="bad">{start.error}</Notice>}
      {state === null ? null : <Outcome state={state} />}
    </section>
  )
}

function Outcome({ state }: { readonly state: VerificationView }) {
  const t = useMessages(verificationMessages)
  const { count, duration } = useNumbers()
  if (state.state !== 'COMPLETED') return <UnfinishedJob state={state} messages={t} />
  const { documents, missing, stale, extra, repaired } = state.result
  if (missing + stale + extra === 0) {
    return <Notice tone="good">{t.same(count(documents), duration(state.seconds * 1000))}</Notice>
  }
  return (
    <Notice tone="warn">
      {t.differs(count(missing), count(stale), count(extra))}{' '}
      {repaired > 0 ? t.repaired(count(repaired)) : ''}
    </Notice>
  )
}
