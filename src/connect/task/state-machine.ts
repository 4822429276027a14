import type { ConnectorState, TaskState } from '../herder.ts'

/** What can happen to a task. */
export type TaskEvent = 'restart' | 'started' | 'paused' | 'failed' | 'failedForNow'

/** What can happen to a connector. */
export type ConnectorEvent = 'restart' | 'started' | 'paused' | 'stopped' | 'failed'

/** The next state; null: the event comes too late and changes nothing. */
type Transitions<State extends string, Event extends string> = Readonly<
  Record<State, Readonly<Record<Event, State | null>>>
>

export const taskTransitions: Transitions<TaskState, TaskEvent> = {
  UNASSIGNED: {
    restart: 'RESTARTING',
    started: 'RUNNING',
    paused: 'PAUSED',
    failed: 'FAILED',
    failedForNow: 'RESTARTING',
  },
  RUNNING: {
    restart: 'RESTARTING',
    started: 'RUNNING',
    paused: 'PAUSED',
    failed: 'FAILED',
    failedForNow: 'RESTARTING',
  },
  PAUSED: {
    restart: 'RESTARTING',
    started: 'RUNNING',
    paused: 'PAUSED',
    failed: 'FAILED',
    failedForNow: 'RESTARTING',
  },
  // Only a restart revives a failed task; a pause of its connector leaves it failed, so that the reason stays in sight.
  FAILED: { restart: 'RESTARTING', started: null, paused: null, failed: 'FAILED', failedForNow: null },
  RESTARTING: {
    restart: 'RESTARTING',
    started: 'RUNNING',
    paused: 'PAUSED',
    failed: 'FAILED',
    failedForNow: 'RESTARTING',
  },
}

export const connectorTransitions: Transitions<ConnectorState, ConnectorEvent> = {
  UNASSIGNED: {
    restart: 'RESTARTING',
    started: 'RUNNING',
    paused: 'PAUSED',
    stopped: 'STOPPED',
    failed: 'FAILED',
  },
  RUNNING: {
    restart: 'RESTARTING',
    started: 'RUNNING',
    paused: 'PAUSED',
    stopped: 'STOPPED',
    failed: 'FAILED',
  },
  PAUSED: {
    restart: 'RESTARTING',
    started: 'RUNNING',
    paused: 'PAUSED',
    stopped: 'STOPPED',
    failed: 'FAILED',
  },
  STOPPED: {
    restart: 'RESTARTING',
    started: 'RUNNING',
    paused: 'PAUSED',
    stopped: 'STOPPED',
    failed: 'FAILED',
  },
  FAILED: {
    restart: 'RESTARTING',
    started: 'RUNNING',
    paused: null,
    stopped: 'STOPPED',
    failed: 'FAILED',
  },
  RESTARTING: {
    restart: 'RESTARTING',
    started: 'RUNNING',
    paused: 'PAUSED',
    stopped: 'STOPPED',
    failed: 'FAILED',
  },
}

/** A state, and why it is so where it is a failure. */
export class StateMachine<State extends string, Event extends string> {
  readonly #transitions: Transitions<State, Event>
  readonly #onChange: () => void
  #state: State
  #trace: string | null = null

  /** @param onChange called after each event that was not too late */
  constructor(
    transitions: Transitions<State, Event>,
    initial: State,
    onChange: () => void = () => undefined,
  ) {
    this.#transitions = transitions
    this.#state = initial
    this.#onChange = onChange
  }

  get state(): State {
    return this.#state
  }

  get trace(): string | null {
    return this.#trace
  }

  /** False: the event changes nothing in this state. @param trace the reason; a state without one has none */
  on(event: Event, trace: string | null = null): boolean {
    const next = this.#transitions[this.#state][event]
    if (next === null) return false
    this.#state = next
    this.#trace = trace
    this.#onChange()
    return true
  }
}
