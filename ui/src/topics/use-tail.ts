import { useEffect, useState } from 'react'
import { pathOf } from '../api/client.ts'
import { serverEvents } from '../api/event-stream.ts'
import { parseExact } from '../api/exact-json.ts'
import type { TopicRecord } from './topic-record.ts'

/** More nobody reads as it flies by. */
const MOST_RECORDS = 100
const PAUSE_MS = 1000

export interface Tail {
  /** The newest first. */
  readonly records: readonly TopicRecord[]
  readonly skipped: number
  readonly isLost: boolean
}

interface Event {
  readonly records: readonly TopicRecord[]
  readonly skipped: number
}

const NOTHING: Tail = { records: [], skipped: 0, isLost: false }

/** The records of a topic as they come, while somebody looks and does not pause. */
export function useTail(topic: string, isPaused: boolean): Tail {
  const [tail, setTail] = useState(NOTHING)
  useEffect(() => {
    if (isPaused) return
    const controller = new AbortController()
    const add = ({ records, skipped }: Event): void =>
      setTail((before) => ({
        records: [...records.toReversed(), ...before.records].slice(0, MOST_RECORDS),
        skipped: before.skipped + skipped,
        isLost: false,
      }))
    void follow(topic, controller.signal, {
      add,
      lost: () => setTail((before) => ({ ...before, isLost: true })),
    })
    return () => controller.abort()
  }, [topic, isPaused])
  return tail
}

async function follow(
  topic: string,
  signal: AbortSignal,
  { add, lost }: { readonly add: (event: Event) => void; readonly lost: () => void },
): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const { name, data } of serverEvents(`${pathOf('topics', topic)}/events`, signal)) {
        add(name === 'records' ? (parseExact(data) as Event) : { records: [], skipped: 0 })
      }
    } catch {
      // The topic is gone, or the worker: both may come back.
    }
    if (signal.aborted) return
    lost()
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
}
