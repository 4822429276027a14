import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import {
  connectorTransitions,
  StateMachine,
  taskTransitions,
  type ConnectorEvent,
  type TaskEvent,
} from './state-machine.ts'
import type { ConnectorState, TaskState } from '../herder.ts'

describe('the task state machine', () => {
  const table: readonly (readonly [TaskState, TaskEvent, TaskState])[] = [
    ['UNASSIGNED', 'started', 'RUNNING'],
    ['UNASSIGNED', 'paused', 'PAUSED'],
    ['UNASSIGNED', 'failedForNow', 'RESTARTING'],
    ['RUNNING', 'paused', 'PAUSED'],
    ['PAUSED', 'started', 'RUNNING'],
    ['RUNNING', 'failed', 'FAILED'],
    ['PAUSED', 'failed', 'FAILED'],
    ['RESTARTING', 'started', 'RUNNING'],
    ['RESTARTING', 'failed', 'FAILED'],
    ['FAILED', 'restart', 'RESTARTING'],
    ['FAILED', 'paused', 'FAILED'],
    ['FAILED', 'started', 'FAILED'],
    ['FAILED', 'failedForNow', 'FAILED'],
  ]
  for (const [from, event, to] of table) {
    it(`goes from ${from} on ${event} to ${to}`, () => {
      const machine = new StateMachine<TaskState, TaskEvent>(taskTransitions, from)
      machine.on(event)
      assert.equal(machine.state, to)
    })
  }

  it('keeps the reason of a failure until something else happens', () => {
    const machine = new StateMachine<TaskState, TaskEvent>(taskTransitions, 'RUNNING')
    machine.on('failed', 'because')
    assert.equal(machine.on('paused'), false)
    assert.equal(machine.trace, 'because')
    machine.on('restart')
    assert.equal(machine.trace, null)
  })

  it('lets a restart revive every state', () => {
    for (const [state, events] of Object.entries(taskTransitions))
      assert.equal(events.restart, 'RESTARTING', state)
  })
})

describe('the connector state machine', () => {
  it('lets every state be stopped', () => {
    for (const [state, events] of Object.entries(connectorTransitions))
      assert.equal(events.stopped, 'STOPPED', state)
  })

  it('leaves a failed connector failed when it is paused', () => {
    const machine = new StateMachine<ConnectorState, ConnectorEvent>(connectorTransitions, 'FAILED')
    assert.equal(machine.on('paused'), false)
    assert.equal(machine.state, 'FAILED')
  })
})

test('whoever wants to know is told of each change, and not of what comes too late', () => {
  const seen: string[] = []
  const machine: StateMachine<TaskState, TaskEvent> = new StateMachine<TaskState, TaskEvent>(
    taskTransitions,
    'UNASSIGNED',
    () => seen.push(`${machine.state} ${machine.trace}`),
  )
  machine.on('failed', 'why')
  machine.on('started')
  machine.on('restart')
  assert.deepEqual(seen, ['FAILED why', 'RESTARTING null'])
})
