import { difference, duplicates, intersection, isEmpty, NO_WORK, union, type Work } from './assignor-work.ts'

export interface AssignorRound {
  readonly configured: Work
  /** What each member has, by its own word. */
  readonly members: ReadonlyMap<string, Work>
  /** Where each member's REST API is. A worker that was killed and came back has the same, under another id. */
  readonly urls: ReadonlyMap<string, string>
  readonly generation: number
  /** The last generation whose assignments this leader has seen arrive. */
  readonly lastGeneration: number
  readonly nowMs: number
}

export interface MemberChange {
  readonly assigned: Work
  readonly revoked: Work
  /** What it has after both. */
  readonly holds: Work
}

export interface AssignorResult {
  readonly members: ReadonlyMap<string, MemberChange>
  /** Not 0: all should join again after so long. */
  readonly delayMs: number
}

type Kind = keyof Work
type MutableWork = Record<Kind, Set<string>>
type Loads = ReadonlyMap<string, MutableWork>

const KINDS: readonly Kind[] = ['connectors', 'tasks']
/** Pauses before another revocation, when one round after the other revokes: 40 ms, 1.6 s, 64 s, ... */
const REVOCATION_PAUSE_BASE = 40

/**
 * Shares work as KIP-415 does, incrementally: members keep what they have; only what is too much for one is revoked,
 * and shared in the round after. The work of a member that has gone waits for `maxDelayMs` for its return; where as
 * many new members have come as went, or the worker is here under another id, it is shared at once. Only the leader has
 * one, and what it knows is its own: a new leader shares whatever nobody has.
 */
export class Assignor {
  readonly #maxDelayMs: number
  #generation = -1
  /** What everybody was told to have in the last round. */
  #holds: ReadonlyMap<string, Work> = new Map()
  /** Of those. */
  #urls: ReadonlyMap<string, string> = new Map()
  /** Without an owner until `#wait` ends. */
  #waiting: Work = NO_WORK
  #wait: { readonly reason: 'lost' | 'revoked'; readonly untilMs: number } | null = null
  readonly #departed = new Set<string>()
  readonly #newcomers = new Set<string>()
  #hasRevoked = false
  #revocations = 0

  constructor(maxDelayMs: number) {
    this.#maxDelayMs = maxDelayMs
  }

  assign(round: AssignorRound): AssignorResult {
    const { configured, members, generation, lastGeneration, nowMs } = round
    if (lastGeneration !== this.#generation) this.#forget()
    const active = union(...members.values())
    const previous = union(this.#waiting, ...this.#holds.values())
    const lost = difference(intersection(previous, configured), active)
    const created = difference(configured, previous, active)
    const unwanted = union(difference(active, configured), duplicates(members.values()))
    const loads: Loads = new Map(
      [...members].map(([id, work]) => [id, mutable(difference(work, unwanted))] as const).sort(byId),
    )
    this.#note(round)
    const ready = this.#takeLost(lost, nowMs)
    if (this.#wait === null) this.#revokeSurplus(configured, loads, nowMs)
    give(union(created, ready), [...loads.values()])
    this.#holds = loads
    this.#urls = round.urls
    this.#generation = generation
    const result = new Map<string, MemberChange>()
    for (const [id, holds] of loads) {
      const had = members.get(id)!
      result.set(id, { assigned: difference(holds, had), revoked: difference(had, holds), holds })
    }
    return {
      members: result,
      delayMs: this.#wait === null ? 0 : Math.max(1, Math.ceil(this.#wait.untilMs - nowMs)),
    }
  }

  /** Another one has led meanwhile, or the last assignments may not have arrived. */
  #forget(): void {
    this.#holds = new Map()
    this.#waiting = NO_WORK
    this.#endWait()
  }

  #note({ members, urls }: AssignorRound): void {
    const present = new Set(urls.values())
    for (const [id, held] of this.#holds) {
      // A worker that is killed twice in a row leaves a member behind that never hears of what it gets.
      const isHereAgain = present.has(this.#urls.get(id) ?? '')
      if (!members.has(id) && !isEmpty(held) && !isHereAgain) this.#departed.add(id)
    }
    for (const [id, held] of members) if (!this.#holds.has(id) && isEmpty(held)) this.#newcomers.add(id)
    for (const id of this.#newcomers) if (!members.has(id)) this.#newcomers.delete(id)
  }

  /** Decides whether work that had an owner waits for it; answers what is to be shared among all. */
  #takeLost(lost: Work, nowMs: number): Work {
    this.#waiting = NO_WORK
    if (isEmpty(lost)) {
      if (this.#wait?.reason !== 'revoked' || nowMs >= this.#wait.untilMs) this.#endWait()
      this.#departed.clear()
      this.#newcomers.clear()
      return NO_WORK
    }
    // Nobody has gone: an assignment did not arrive.
    if (this.#departed.size === 0 || this.#maxDelayMs === 0) {
      this.#endWait()
      return lost
    }
    if (this.#wait?.reason !== 'lost') this.#wait = { reason: 'lost', untilMs: nowMs + this.#maxDelayMs }
    const haveReturned = this.#newcomers.size >= this.#departed.size
    if (!haveReturned && nowMs < this.#wait.untilMs) {
      this.#waiting = lost
      return NO_WORK
    }
    this.#endWait()
    return lost
  }

  #endWait(): void {
    if (this.#wait !== null) this.#hasRevoked = false
    this.#wait = null
    this.#departed.clear()
    this.#newcomers.clear()
  }

  #revokeSurplus(configured: Work, loads: Loads, nowMs: number): void {
    const surplus = findSurplus(configured, [...loads.values()])
    if (surplus.length === 0) {
      this.#hasRevoked = false
      this.#revocations = 0
      return
    }
    if (this.#hasRevoked) {
      this.#revocations++
      const pauseMs = Math.min(REVOCATION_PAUSE_BASE ** this.#revocations, this.#maxDelayMs)
      if (pauseMs > 0) {
        this.#wait = { reason: 'revoked', untilMs: nowMs + pauseMs }
        return
      }
    }
    this.#hasRevoked = true
    for (const { load, kind, key } of surplus) load[kind].delete(key)
  }
}

interface Surplus {
  readonly load: MutableWork
  readonly kind: Kind
  readonly key: string
}

/** What some have above their even share of everything that is configured. */
function findSurplus(configured: Work, loads: readonly MutableWork[]): Surplus[] {
  const surplus: Surplus[] = []
  for (const kind of KINDS) {
    const even = Math.floor(configured[kind].size / loads.length)
    let remainder = configured[kind].size % loads.length
    for (const load of loads) {
      if (load[kind].size <= even) continue
      const allowed = remainder-- > 0 ? even + 1 : even
      for (const key of [...load[kind]].sort().slice(allowed)) surplus.push({ load, kind, key })
    }
  }
  return surplus
}

/** Each to the one that has least; among equals to the one that has least of both kinds. */
function give(work: Work, loads: readonly MutableWork[]): void {
  for (const kind of KINDS) {
    for (const key of [...work[kind]].sort()) {
      let lightest = loads[0]!
      for (const load of loads) {
        const less = load[kind].size - lightest[kind].size || sizeOf(load) - sizeOf(lightest)
        if (less < 0) lightest = load
      }
      lightest[kind].add(key)
    }
  }
}

function sizeOf({ connectors, tasks }: Work): number {
  return connectors.size + tasks.size
}

function mutable({ connectors, tasks }: Work): MutableWork {
  return { connectors: new Set(connectors), tasks: new Set(tasks) }
}

function byId([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1
}
