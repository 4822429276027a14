import { useNumbers } from '../i18n/numbers.ts'
import type { JobView } from '../live/worker-events.ts'
import { Notice } from '../parts/notice.tsx'
import { ProgressBar } from '../parts/progress-bar.tsx'

interface UnfinishedJobProps<Phase extends string> {
  readonly state: Exclude<JobView<Phase, unknown>, { readonly state: 'COMPLETED' }>
  readonly messages: Readonly<Record<Phase | 'failed', string>> & {
    readonly detail: (done: string, of: string) => string
  }
}

/** How far a long piece of work is, or why it came to nothing. */
export function UnfinishedJob<Phase extends string>({ state, messages }: UnfinishedJobProps<Phase>) {
  const { count } = useNumbers()
  if (state.state === 'FAILED') {
    return (
      <Notice tone="bad" title={messages.failed}>
        {state.message}
      </Notice>
    )
  }
  const { phase, done, of } = state.progress
  const detail = messages.detail(count(done), count(of))
  return <ProgressBar label={messages[phase]} share={of > 0 ? done / of : null} detail={detail} />
}
