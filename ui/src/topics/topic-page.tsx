import { pathOf } from '../api/client.ts'
import { useMessages } from '../i18n/language.tsx'
import { useNumbers } from '../i18n/numbers.ts'
import { Notice } from '../parts/notice.tsx'
import { Tabs } from '../parts/tabs.tsx'
import { useLoaded } from '../parts/use-loaded.ts'
import { linkTo } from '../shell/route.ts'
import { Browse } from './browse.tsx'
import { LiveTail } from './live-tail.tsx'
import { topicMessages } from './messages.ts'
import type { TopicDescription } from './topic-record.ts'

interface TopicPageProps {
  readonly name: string
  /** Empty: live. */
  readonly partition: string
  readonly offset: string
}

/** One topic: as it grows, or what lies in it. */
export function TopicPage({ name, partition, offset }: TopicPageProps) {
  const t = useMessages(topicMessages)
  const { count } = useNumbers()
  const { data: topic, error, reload } = useLoaded<TopicDescription>(pathOf('topics', name))
  const isLive = partition === ''
  const records = (topic?.partitions ?? []).reduce(
    (sum, { start_offset: start, end_offset: end }) => sum + Number(end) - Number(start),
    0,
  )
  return (
    <div className="stack">
      <a className="small" href={linkTo('topics')}>
        ← {t.back}
      </a>
      <h1>{name}</h1>
      {error === null ? null : <Notice tone="bad">{error}</Notice>}
      {topic === null ? null : (
        <>
          <p className="soft small numeric">
            {t.records(count(records))} · {t.partitions(topic.partitions.length)}
          </p>
          <Tabs
            label={t.parts}
            tabs={[
              { label: t.live, href: linkTo('topics', name), isCurrent: isLive },
              { label: t.browse, href: linkTo('topics', name, '0'), isCurrent: !isLive },
            ]}
          />
          {isLive ? (
            <LiveTail topic={name} />
          ) : (
            <Browse
              key={`${partition} ${offset}`}
              topic={topic}
              partition={Number(partition)}
              offset={offset}
              reload={reload}
            />
          )}
        </>
      )}
    </div>
  )
}
