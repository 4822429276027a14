import { useMessages } from '../i18n/language.tsx'
import { useNumbers } from '../i18n/numbers.ts'
import type { ReindexingView } from '../live/worker-events.ts'
import { Notice } from '../parts/notice.tsx'
import { reindexingMessages } from './reindexing-messages.ts'
import { UnfinishedJob } from './unfinished-job.tsx'

/** How far a reindexing is, or what came of it. */
export function ReindexingState({ state }: { readonly state: ReindexingView }) {
  const t = useMessages(reindexingMessages)
  const { count, duration } = useNumbers()
  if (state.state !== 'COMPLETED') return <UnfinishedJob state={state} messages={t} />
  if (state.indices.length === 0) return <Notice tone="plain">{t.nothing}</Notice>
  return (
    <Notice tone="good" title={t.done(duration(state.seconds * 1000))}>
      {state.indices.map(({ name, index, documents, old }) => (
        <p key={name}>
          {t.isNow(name, index, count(documents))}{' '}
          {old === null ? '' : (old.deleted ? t.beforeDeleted : t.before)(old.index, count(old.documents))}
        </p>
      ))}
    </Notice>
  )
}
