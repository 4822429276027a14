import type { LedGroup } from '../../log/group-membership.ts'
import type { TaskId } from '../herder.ts'
import { assignEagerly } from './assignor-eager.ts'
import { configuredWork, NO_WORK, shareOf, taskKey, workOf } from './assignor-work.ts'
import { Assignor } from './assignor.ts'
import {
  decodeMetadata,
  encodeAssignment,
  isEager,
  type AssignmentMessage,
  type WorkerMetadata,
} from './connect-protocol.ts'
import type { ConfigSnapshot, WorkerShare } from './worker-assignment.ts'

type Decision = Pick<AssignmentMessage, 'failed' | 'assigned' | 'revoked' | 'delayMs'>

interface LastRound {
  readonly snapshot: ConfigSnapshot
  readonly lastGeneration: number
  /** Null: this worker comes for the first time. */
  readonly lastProtocol: string | null
}

const NOTHING: WorkerShare = { connectors: [], tasks: [] }

/** What the leader of the workers does in a round, and what it remembers of it. */
export class AssigningLeader {
  readonly #assignor: Assignor
  readonly #connectorUrls = new Map<string, string>()
  readonly #taskUrls = new Map<string, string>()

  constructor(scheduledRebalanceMaxDelayMs: number) {
    this.#assignor = new Assignor(scheduledRebalanceMaxDelayMs)
  }

  /** The URL of the worker that has it, as far as this worker has led the last round. */
  ownerUrl(of: string | TaskId): string | null {
    const url = typeof of === 'string' ? this.#connectorUrls.get(of) : this.#taskUrls.get(taskKey(of))
    return url ?? null
  }

  /** Another worker leads now, or a round has begun. */
  forgetOwners(): void {
    this.#connectorUrls.clear()
    this.#taskUrls.clear()
  }

  lead(group: LedGroup, { snapshot, lastGeneration, lastProtocol }: LastRound): ReadonlyMap<string, Buffer> {
    const members = new Map([...group.members].map(([id, bytes]) => [id, decodeMetadata(bytes)]))
    const newest = [...members.values()].reduce(
      (max, { configOffset }) => (configOffset > max ? configOffset : max),
      -1n,
    )
    // Members that kept their work when they came give it up before they come again, and then it is free for others.
    const isDowngrade = lastProtocol !== null && isEager(group.protocol) && !isEager(lastProtocol)
    const decisions =
      isDowngrade || snapshot.offset < newest
        ? refuse(members)
        : this.#decide(group, members, { snapshot, lastGeneration })
    const head = {
      leaderId: group.leaderId,
      leaderUrl: members.get(group.leaderId)!.url,
      // The members must have read as far as the leader has.
      configOffset: snapshot.offset < newest ? newest : snapshot.offset,
    }
    return new Map(
      [...decisions].map(([id, decision]) => [
        id,
        encodeAssignment(group.protocol, { ...head, ...decision }),
      ]),
    )
  }

  #decide(
    { protocol, generation }: LedGroup,
    members: ReadonlyMap<string, WorkerMetadata>,
    { snapshot, lastGeneration }: { readonly snapshot: ConfigSnapshot; readonly lastGeneration: number },
  ): ReadonlyMap<string, Decision> {
    const decisions = new Map<string, Decision>()
    if (isEager(protocol)) {
      for (const [id, share] of assignEagerly(snapshot, members.keys())) {
        decisions.set(id, { failed: false, assigned: share, revoked: NOTHING, delayMs: 0 })
        this.#remember(share, members.get(id)!.url)
      }
      return decisions
    }
    const { members: changes, delayMs } = this.#assignor.assign({
      configured: configuredWork(snapshot),
      members: new Map(
        [...members].map(([id, { assignment }]) => [
          id,
          assignment === null ? NO_WORK : workOf(assignment.assigned),
        ]),
      ),
      urls: new Map([...members].map(([id, { url }]) => [id, url])),
      generation,
      lastGeneration,
      // Whole, as the delays are that count from it: what is added is what is told.
      nowMs: Math.floor(performance.now()),
    })
    for (const [id, { assigned, revoked, holds }] of changes) {
      decisions.set(id, { failed: false, assigned: shareOf(assigned), revoked: shareOf(revoked), delayMs })
      this.#remember(shareOf(holds), members.get(id)!.url)
    }
    return decisions
  }

  #remember({ connectors, tasks }: WorkerShare, url: string): void {
    for (const connector of connectors) this.#connectorUrls.set(connector, url)
    for (const task of tasks) this.#taskUrls.set(taskKey(task), url)
  }
}

/** The leader has not read the configs that some member knows, or work is not free yet: all come again. */
function refuse(members: ReadonlyMap<string, WorkerMetadata>): ReadonlyMap<string, Decision> {
  return new Map(
    [...members.keys()].map((id) => [id, { failed: true, assigned: NOTHING, revoked: NOTHING, delayMs: 0 }]),
  )
}
