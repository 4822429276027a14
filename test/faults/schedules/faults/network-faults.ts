import { setTimeout as delay } from 'node:timers/promises'
import type { TcpProxy } from '../../../servers/tcp-proxy.ts'
import type { Dice } from '../../ledger.ts'
import type { Bench } from '../bench.ts'
import type { Fault } from '../fault.ts'

const LINES = [
  { to: 'PostgreSQL', line: (bench: Bench) => bench.upstream, cutWithin: 200_000 },
  { to: 'Elasticsearch', line: (bench: Bench) => bench.downstream, cutWithin: 10_000 },
] as const

const KINDS: readonly {
  readonly name: string
  readonly strike: (line: TcpProxy, dice: Dice, cutWithin: number) => Promise<void>
}[] = [
  {
    name: 'cut at a random byte, three times',
    async strike(line, dice, cutWithin) {
      for (let i = 0; i < 3; i++) {
        line.cutAfter(1 + dice.below(cutWithin))
        await delay(dice.below(1500))
      }
    },
  },
  {
    name: 'slower by 200 ms',
    async strike(line, dice) {
      line.delay(200)
      await delay(2000 + dice.below(8000))
      line.delay(0)
    },
  },
  {
    name: 'swallowing everything for up to 30 s',
    async strike(line, dice) {
      line.blackhole(true)
      await delay(1000 + dice.below(dice.below(3) === 0 ? 29_000 : 9_000))
      line.blackhole(false)
    },
  },
]

export const NETWORK_FAULTS: readonly Fault[] = LINES.flatMap(({ to, line, cutWithin }) =>
  KINDS.map(({ name, strike }): Fault => ({
    name: `connection to ${to} ${name}`,
    outcome: 'survived',
    strike: (bench, dice) => strike(line(bench), dice, cutWithin),
  })),
)
