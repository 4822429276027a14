import { setTimeout as delay } from 'node:timers/promises'
import type { Fault } from '../fault.ts'

export const WORKER_FAULTS: readonly Fault[] = [
  {
    name: 'worker killed (kill -9)',
    outcome: 'survived',
    strike: (bench, dice) => bench.restartWorker('kill', () => delay(dice.below(3) === 0 ? 2000 : 0)),
  },
  {
    name: 'worker ended in good order (SIGTERM)',
    outcome: 'survived',
    strike: (bench) => bench.restartWorker('terminate'),
  },
  {
    name: 'task thread crashed',
    outcome: 'survived',
    strike: async (bench) => void (await bench.agent.ask('crash-task')),
  },
  {
    name: 'task thread out of heap',
    outcome: 'survived',
    strike: async (bench) => void (await bench.agent.ask('fill-heap')),
  },
  {
    name: "thread of the log's owner crashed",
    outcome: 'survived',
    log: 'embedded',
    // The worker ends itself, as it must; who supervises it starts it again.
    strike: (bench) =>
      bench.workerLock.run(async () => {
        if (!(await bench.agent.ask('crash-log'))) return
        await bench.worker.ended()
        await bench.worker.start()
      }),
  },
  {
    name: 'clock of the worker moved (an hour forward, a day back)',
    outcome: 'survived',
    async strike(bench, dice) {
      await bench.agent.moveClock(3_600_000)
      await delay(1000 + dice.below(4000))
      await bench.agent.moveClock(-86_400_000)
      await delay(1000 + dice.below(4000))
      await bench.agent.moveClock(0)
    },
  },
]
