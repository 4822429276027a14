import assert from 'node:assert/strict'
import { it } from 'node:test'
import { planRun } from './plan-run.ts'
import { reducePlan } from './reduce-plan.ts'
import type { RunPlan } from './run-plan.ts'

const plan = planRun({ seed: 5, minutes: 1, log: 'embedded' })
const guilty = plan.faults[2]!

it('leaves the one fault that a failure needs, and as little work', async () => {
  const fails = ({ faults }: RunPlan): Promise<boolean> => Promise.resolve(faults.includes(guilty))
  const { faults, workMs } = await reducePlan(plan, fails, 100)
  assert.deepEqual(faults, [guilty])
  assert.equal(workMs, guilty.atMs)
})

it('keeps what did fail where nothing smaller does, and makes no more attempts than it may', async () => {
  let attempts = 0
  const never = (): Promise<boolean> => Promise.resolve(++attempts < 0)
  assert.deepEqual(await reducePlan(plan, never, 3), plan)
  assert.equal(attempts, 3)
})
