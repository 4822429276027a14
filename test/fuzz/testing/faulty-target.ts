import type { FuzzTarget } from '../fuzz-target.ts'

/** A parser with three faults: one throws, one never ends, one keeps what it was given. */
export async function open(): Promise<FuzzTarget> {
  const kept: Buffer[] = []
  return {
    seeds: [Buffer.from('good')],
    words: [],
    run(input) {
      if (input[0] === 0xff) throw new TypeError('a fault')
      if (input[0] === 0x7f) for (;;);
      if (input[0] === 'g'.charCodeAt(0)) kept.push(Buffer.alloc(10_000))
    },
  }
}
