import { setTimeout as delay } from 'node:timers/promises'
import { ConnectError } from '../../api/errors.ts'
import type { ConnectorStatus } from '../../connect/herder.ts'
import { call, refusal, request } from '../worker-client.ts'
import { sinkName, sourceName } from './mirror-connectors.ts'

const STOP_DEADLINE_MS = 60_000
const ASK_EVERY_MS = 100

/** How far a mirror is. */
export interface MirrorPosition {
  /** Whether no table is being read whole. */
  readonly isSnapshotDone: boolean
  /** Records that the source wrote, and those of them that the sink has indexed. */
  readonly captured: number
  readonly indexed: number
  /** Of each topic, how many it got. */
  readonly records: ReadonlyMap<string, number>
  /** What the connectors say is wrong with them, or null. */
  readonly problem: string | null
}

interface OffsetsAnswer {
  readonly offsets: readonly {
    readonly partition: Readonly<Record<string, string | number>>
    readonly offset: Readonly<Record<string, unknown>> | null
  }[]
}

interface TopicAnswer {
  readonly partitions: readonly {
    readonly partition: number
    readonly start_offset: number
    readonly end_offset: number
  }[]
}

/** @param topics those of the sink */
export async function readPosition(
  worker: string,
  name: string,
  topics: readonly string[],
): Promise<MirrorPosition> {
  const [source, sink, problem, ...found] = await Promise.all([
    offsetsOf(worker, sourceName(name)),
    offsetsOf(worker, sinkName(name)),
    problemOf(worker, name),
    ...topics.map((topic) => topicOf(worker, topic)),
  ])
  const snapshot = source.offsets[0]?.offset
  const committed = new Map(
    sink.offsets.map(({ partition, offset }) => [
      `${partition['kafka_topic']} ${partition['kafka_partition']}`,
      Number(offset?.['kafka_offset'] ?? 0),
    ]),
  )
  let captured = 0
  let indexed = 0
  const records = new Map<string, number>()
  for (const [index, topic] of found.entries()) {
    for (const { partition, end_offset: end } of topic?.partitions ?? []) {
      captured += end
      records.set(topics[index]!, (records.get(topics[index]!) ?? 0) + end)
      indexed += committed.get(`${topics[index]} ${partition}`) ?? 0
    }
  }
  const isSnapshotDone =
    snapshot != null &&
    (snapshot['snapshot'] === undefined || snapshot['snapshot_completed'] === true) &&
    !Object.keys(snapshot).some((field) => field.startsWith('incremental_snapshot'))
  return { isSnapshotDone, captured, indexed, records, problem }
}

export async function statusOf(worker: string, connector: string): Promise<ConnectorStatus | null> {
  const path = `/connectors/${encodeURIComponent(connector)}/status`
  const answer = await request(worker, 'GET', path)
  if (answer.status === 404) return null
  if (answer.status !== 200) throw refusal(answer, `GET ${path}`)
  return answer.body as ConnectorStatus
}

/** Waits for the tasks of a connector that was told to stop. Throws `cli.mirror-incomplete`. */
export async function untilStopped(worker: string, connector: string): Promise<void> {
  const deadlineMs = performance.now() + STOP_DEADLINE_MS
  for (;;) {
    const status = await statusOf(worker, connector)
    if (status === null || (status.connector.state === 'STOPPED' && status.tasks.length === 0)) return
    if (performance.now() > deadlineMs) {
      throw new ConnectError(
        'cli.mirror-incomplete',
        `${connector} does not stop: see tailrace connectors status ${connector}`,
      )
    }
    await delay(ASK_EVERY_MS)
  }
}

async function problemOf(worker: string, name: string): Promise<string | null> {
  for (const connector of [sourceName(name), sinkName(name)]) {
    const status = await statusOf(worker, connector)
    const trace = status?.connector.trace ?? status?.tasks.find((task) => task.trace !== undefined)?.trace
    if (trace !== undefined) return `${connector}: ${cause(trace)}`
  }
  return null
}

/** The last line of a trace that says why; the first is often but what it led to. */
function cause(trace: string): string {
  const lines = trace.split('\n')
  return (lines.findLast((line) => line.startsWith('Caused by: ')) ?? lines[0]!).replace('Caused by: ', '')
}

async function offsetsOf(worker: string, connector: string): Promise<OffsetsAnswer> {
  return (await call(worker, 'GET', `/connectors/${encodeURIComponent(connector)}/offsets`)) as OffsetsAnswer
}

/** Null: nothing was written to it yet. */
async function topicOf(worker: string, topic: string): Promise<TopicAnswer | null> {
  const path = `/topics/${encodeURIComponent(topic)}`
  const answer = await request(worker, 'GET', path)
  if (answer.status === 404) return null
  if (answer.status !== 200) throw refusal(answer, `GET ${path}`)
  return answer.body as TopicAnswer
}
