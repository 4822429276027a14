import { call, pathOf } from '../api/client.ts'
import { useMessages } from '../i18n/language.tsx'
import type { ConnectorView, ReindexingView } from '../live/worker-events.ts'
import { ConfirmButton } from '../parts/confirm-button.tsx'
import { Notice } from '../parts/notice.tsx'
import { useAction } from '../parts/use-action.ts'
import { useLoaded } from '../parts/use-loaded.ts'
import { ReindexingForm } from './reindexing-form.tsx'
import { reindexingMessages } from './reindexing-messages.ts'
import { ReindexingState } from './reindexing-state.tsx'

/** A new index for a sink: begun, followed, gone on with, aborted. */
export function Reindexing({ connector: { name, reindexing: told } }: { readonly connector: ConnectorView }) {
  const t = useMessages(reindexingMessages)
  const path = `${pathOf('connectors', name)}/reindexing`
  // The worker tells of its own; what is half done, or is done by the leader of the group, has to be asked for.
  const { data, error: unknown, reload } = useLoaded<ReindexingView>(told === null ? path : null)
  const start = useAction(async (query: string) => {
    await call('POST', path + query)
    reload()
  })
  const abort = useAction(async () => {
    await call('DELETE', path)
    reload()
  })
  // What was answered before is forgotten with the reindexing.
  const state = told ?? (unknown === null ? data : null)
  const isRunning = state?.state === 'RUNNING'
  const isHalfDone = isRunning || state?.state === 'FAILED'
  const error = start.error ?? abort.error
  return (
    <section className="stack" aria-label={t.title}>
      <div className="row-apart">
        <h2>{t.title}</h2>
        {isHalfDone ? (
          <div className="row">
            {isRunning && told === null ? (
              <button type="button" className="button button-small" onClick={reload}>
                {t.lookAgain}
              </button>
            ) : null}
            <ConfirmButton
              label={t.abort}
              question={t.abortQuestion}
              className="button-small button-danger"
              disabled={abort.isBusy}
              onConfirm={() => void abort.run()}
            >
              {t.abortHint}
            </ConfirmButton>
          </div>
        ) : null}
      </div>
      <p className="soft small">{t.hint}</p>
      {error === null ? null : <Notice tone="bad">{error}</Notice>}
      {state === null ? null : <ReindexingState state={state} />}
      {isRunning && told === null ? <p className="soft small">{t.elsewhere}</p> : null}
      {isRunning ? null : (
        <ReindexingForm
          label={state?.state === 'FAILED' ? t.continue : t.start}
          isBusy={start.isBusy}
          onStart={(query) => void start.run(query)}
        />
      )}
    </section>
  )
}
