import { useState } from 'react'
import { useMessages } from '../i18n/language.tsx'
import { useNumbers } from '../i18n/numbers.ts'
import { topicMessages } from './messages.ts'
import { RecordList } from './record-list.tsx'
import { useTail } from './use-tail.ts'

/** The records of a topic as they come, the newest above. */
export function LiveTail({ topic }: { readonly topic: string }) {
  const t = useMessages(topicMessages)
  const { count } = useNumbers()
  const [isPaused, setIsPaused] = useState(false)
  const { records, skipped, isLost } = useTail(topic, isPaused)
  return (
    <div className="stack">
      <div className="row-apart">
        <p className="soft small" role="status">
          {isLost ? t.lost : records.length === 0 ? t.waiting : skipped > 0 ? t.skipped(count(skipped)) : ''}
        </p>
        <button type="button" className="button button-small" onClick={() => setIsPaused(!isPaused)}>
          {isPaused ? t.goOn : t.pause}
        </button>
      </div>
      {records.length === 0 ? null : <RecordList records={records} />}
    </div>
  )
}
