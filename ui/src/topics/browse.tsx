import { useEffect, useState } from 'react'
import { useMessages } from '../i18n/language.tsx'
import { Notice } from '../parts/notice.tsx'
import { useAction } from '../parts/use-action.ts'
import { BrowseForm, type Wanted } from './browse-form.tsx'
import { topicMessages } from './messages.ts'
import { RecordList } from './record-list.tsx'
import {
  matchesFrom,
  offsetAt,
  readRecords,
  type TopicDescription,
  type TopicRecord,
} from './topic-record.ts'

const PAGE = 50n

interface BrowseProps {
  readonly topic: TopicDescription
  readonly partition: number
  /** Where to begin; empty: with the newest. */
  readonly offset: string
  readonly reload: () => void
}

interface Shown {
  readonly records: readonly TopicRecord[]
  readonly from: bigint
  /** Of a search for a key: how far it is; null: none is going on. */
  readonly searchedTo: bigint | null
  readonly isSearch: boolean
}

/** What lies in a partition: pages of it, or all records of a key. */
export function Browse({ topic, partition, offset, reload }: BrowseProps) {
  const t = useMessages(topicMessages)
  const [chosen, setChosen] = useState(partition)
  const found = topic.partitions.find((candidate) => candidate.partition === chosen)
  const [start, end] = [BigInt(found?.start_offset ?? 0), BigInt(found?.end_offset ?? 0)]
  const [shown, setShown] = useState<Shown | null>(null)
  const clamp = (asked: bigint): bigint =>
    (asked > end - 1n ? end - 1n : asked) < start ? start : asked > end ? end : asked
  const page = async (asked: bigint, of = chosen): Promise<void> => {
    const from = clamp(asked)
    const records = await readRecords({ topic: topic.name, partition: of, offset: from }, Number(PAGE))
    setShown({ records, from, searchedTo: null, isSearch: false })
  }
  const find = async (key: string): Promise<void> => {
    const records: TopicRecord[] = []
    for (let next = start; ;) {
      const matches = await matchesFrom({ topic: topic.name, partition: chosen, offset: next }, key)
      records.push(...matches.records)
      const isDone = matches.isAtEnd || records.length >= 500
      setShown({
        records: [...records],
        from: start,
        searchedTo: isDone ? null : matches.next,
        isSearch: true,
      })
      if (isDone) return
      next = matches.next
    }
  }
  const { run, isBusy, error } = useAction(async (wanted: Wanted) => {
    switch (wanted.kind) {
      case 'offset':
        return page(wanted.offset)
      case 'time':
        return page(await offsetAt(topic.name, chosen, wanted.timeMs))
      case 'key':
        return find(wanted.key)
      case 'newest':
        reload()
        return page(end - PAGE)
    }
  })
  useEffect(() => {
    void run(offset === '' ? { kind: 'newest' } : { kind: 'offset', offset: BigInt(offset) })
    // Once: what is wanted then is typed.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [chosen])
  return (
    <div className="stack">
      <BrowseForm
        partitions={topic.partitions.map((each) => each.partition)}
        partition={chosen}
        isBusy={isBusy}
        onPartition={setChosen}
        onWanted={(wanted) => void run(wanted)}
      />
      {error === null ? null : <Notice tone="bad">{error}</Notice>}
      {shown === null ? null : (
        <>
          {shown.isSearch ? (
            <p className="soft small" role="status">
              {shown.searchedTo === null
                ? t.found(shown.records.length)
                : t.searching(String(shown.searchedTo))}
            </p>
          ) : null}
          {shown.records.length === 0 ? (
            <p className="soft">{t.empty}</p>
          ) : (
            <RecordList records={shown.records} />
          )}
          {shown.isSearch ? null : (
            <div className="row">
              <button
                type="button"
                className="button button-small"
                disabled={isBusy || shown.from <= start}
                onClick={() => void run({ kind: 'offset', offset: shown.from - PAGE })}
              >
                {t.older}
              </button>
              <button
                type="button"
                className="button button-small"
                disabled={isBusy || shown.records.length < Number(PAGE)}
                onClick={() =>
                  void run({ kind: 'offset', offset: BigInt(shown.records.at(-1)!.offset) + 1n })
                }
              >
                {t.newer}
              </button>
              <button
                type="button"
                className="button button-small"
                disabled={isBusy}
                onClick={() => void run({ kind: 'newest' })}
              >
                {t.newest}
              </button>
            </div>
          )}
        </>
      )}
    </div>
  )
}
