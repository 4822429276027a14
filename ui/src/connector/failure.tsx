import { useMessages } from '../i18n/language.tsx'
import { rootCause } from '../parts/failure-text.ts'
import { Notice } from '../parts/notice.tsx'
import { linkTo } from '../shell/route.ts'
import { adviceMessages } from './advice-messages.ts'
import { connectorMessages } from './messages.ts'

interface FailureProps {
  readonly title: string
  readonly failure: {
    readonly trace: string
    readonly code?: string
    readonly meaning?: string
    readonly record?: { readonly topic: string; readonly partition: number; readonly offset: number | bigint }
  }
}

/** A failure: what happened, in which record, what to do, and the whole of it. */
export function Failure({ title, failure: { trace, code, meaning, record } }: FailureProps) {
  const t = useMessages(connectorMessages)
  const advice = useMessages(adviceMessages)
  const todo =
    code !== undefined && Object.hasOwn(advice, code) ? advice[code as keyof typeof advice] : undefined
  return (
    <Notice tone="bad" title={title}>
      <p className="failure-cause">{rootCause(trace)}</p>
      <dl className="facts">
        {record === undefined ? null : (
          <>
            <dt>{t.record}</dt>
            <dd>
              <a href={linkTo('topics', record.topic, String(record.partition), String(record.offset))}>
                {t.recordAt(record.topic, record.partition, String(record.offset))}
              </a>
            </dd>
          </>
        )}
        {meaning === undefined ? null : (
          <>
            <dt>{t.meaning}</dt>
            <dd>
              {meaning} <code>{code}</code>
            </dd>
          </>
        )}
        {todo === undefined ? null : (
          <>
            <dt>{t.todo}</dt>
            <dd>{todo}</dd>
          </>
        )}
      </dl>
      <details>
        <summary>{t.trace}</summary>
        <pre className="trace">{trace}</pre>
      </details>
    </Notice>
  )
}
