import assert from 'node:assert/strict'
import { it } from 'node:test'
import { FAULTS, faultNamed } from './fault-catalogue.ts'
import { planRun } from './plan-run.ts'

const plan = (seed: number, log: 'embedded' | 'kafka' = 'embedded') => planRun({ seed, minutes: 1, log })

it('plans the same for the same seed, and something else for another', () => {
  assert.deepEqual(plan(7), plan(7))
  assert.notDeepEqual(plan(7).faults, plan(8).faults)
})

it('plans each fault for some seed, at most one that must be named, and that one as the last', () => {
  for (const log of ['embedded', 'kafka'] as const) {
    const planned = new Set<string>()
    for (let seed = 0; seed < 1000; seed++) {
      const { faults, needs } = plan(seed, log)
      const named = faults.filter(({ name }) => faultNamed(name).outcome === 'named')
      assert.ok(named.length <= 1)
      if (named.length === 1) assert.equal(faults.at(-1), named[0])
      assert.ok(!(needs.includes('filtered publication') && needs.includes('publication for all')))
      for (const { name } of faults) {
        planned.add(name)
        for (const need of faultNamed(name).needs ?? [])
          assert.ok(needs.includes(need), `${name} needs ${need}`)
      }
    }
    const possible = FAULTS.filter((fault) => (fault.log ?? log) === log).map(({ name }) => name)
    assert.deepEqual([...planned].sort(), possible.sort())
  }
})

it('plans only what is asked for and what the machine has', () => {
  const { faults } = planRun({ seed: 3, minutes: 2, log: 'embedded', only: ['kill -9'] })
  assert.ok(faults.length > 0)
  assert.ok(faults.every(({ name }) => name.includes('kill -9')))
  assert.throws(
    () => planRun({ seed: 3, minutes: 1, log: 'embedded', only: ['no such'] }),
    /None of the faults/,
  )
})
