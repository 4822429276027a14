import { memo } from 'react'
import { useMessages } from '../i18n/language.tsx'
import { useNumbers } from '../i18n/numbers.ts'
import { JsonText } from '../parts/json-text.tsx'
import { topicMessages } from './messages.ts'
import type { Content, TopicRecord } from './topic-record.ts'
import './record-list.css'

/** Of a value, in the line that stands for its record. */
const PREVIEW = 240

/** Records, a line each that opens to all of it. */
export function RecordList({ records }: { readonly records: readonly TopicRecord[] }) {
  return (
    <ul className="panel record-list">
      {records.map((record) => (
        <RecordItem key={`${record.partition} ${record.offset}`} record={record} />
      ))}
    </ul>
  )
}

const RecordItem = memo(function RecordItem({ record }: { readonly record: TopicRecord }) {
  const t = useMessages(topicMessages)
  const { time } = useNumbers()
  const { partition, offset, timestamp, key, value } = record
  const where = t.at(partition, String(offset))
  return (
    <li>
      <details className="record">
        <summary>
          <span className="record-offset mono numeric" title={where}>
            {partition > 0 ? `${partition}:` : ''}
            {String(offset)}
          </span>
          <span className="record-time soft numeric">{time(timestamp)}</span>
          <span className="record-key mono">{key === null ? <em>{t.noKey}</em> : preview(key, t.bytes)}</span>
          <span className="record-value mono">
            {value === null ? <em>{t.tombstone}</em> : preview(value, t.bytes)}
          </span>
        </summary>
        <RecordBody record={record} />
      </details>
    </li>
  )
})

/** Key, value and headers in full. */
export function RecordBody({ record: { key, value, headers, cut } }: { readonly record: TopicRecord }) {
  const t = useMessages(topicMessages)
  return (
    <dl className="record-body">
      <dt>{t.key}</dt>
      <dd>{key === null ? <em>{t.noKey}</em> : <JsonText text={textOf(key, t.bytes)} />}</dd>
      <dt>{t.value}</dt>
      <dd>
        {value === null ? <em>{t.tombstone}</em> : <JsonText text={textOf(value, t.bytes)} />}
        {cut === true ? <p className="soft small">{t.cut}</p> : null}
      </dd>
      {headers.length === 0 ? null : (
        <>
          <dt>{t.headers}</dt>
          <dd>
            <ul className="record-headers">
              {headers.map(([name, content], index) => (
                // Names may come twice.
                // oxlint-disable-next-line react/no-array-index-key
                <li key={index}>
                  <code>{name}</code> <span className="mono">{textOf(content, t.bytes)}</span>
                </li>
              ))}
            </ul>
          </dd>
        </>
      )}
    </dl>
  )
}

type BytesText = (base64: string) => string

function textOf(content: Content, bytesText: BytesText): string {
  if (content === null) return 'null'
  return typeof content === 'string' ? content : bytesText(content.base64)
}

function preview(content: Content, bytesText: BytesText): string {
  return textOf(content, bytesText).slice(0, PREVIEW)
}
