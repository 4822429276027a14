import { existsSync, readFileSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { parentPort, workerData } from 'node:worker_threads'
import { PROGRESS_HEADER_BYTES, type FuzzJob, type FuzzOutcome } from './fuzz-job.ts'
import { FUZZ_TARGETS, type FuzzTarget } from './fuzz-target.ts'
import { Mutator, SeededRandom } from './mutator.ts'

const USUAL_MOST_BYTES = 512
const TURN = 1000
const LOOKS = 10

const job = workerData as FuzzJob
const target = await open(job)
try {
  parentPort!.postMessage(await fuzz(target, job), [])
} finally {
  await target.close?.()
}

async function open({ target, module }: FuzzJob): Promise<FuzzTarget> {
  const loaded = (await (module === undefined ? FUZZ_TARGETS[target]() : import(module))) as {
    open(): Promise<FuzzTarget>
  }
  return loaded.open()
}

async function fuzz(
  target: FuzzTarget,
  { target: name, runs, seed, progress }: FuzzJob,
): Promise<FuzzOutcome> {
  const seeds = [...target.seeds, ...corpusOf(name)]
  const mutator = new Mutator(new SeededRandom(seed), {
    seeds,
    words: target.words.map((word) => Buffer.from(word, 'latin1')),
    mostBytes: target.mostBytes ?? USUAL_MOST_BYTES,
  })
  const counters = new Uint32Array(progress, 0, 2)
  const shown = Buffer.from(progress, PROGRESS_HEADER_BYTES)
  const warm = Math.floor(runs / 10)
  let usedBytes = 0
  for (let run = 1; run <= runs; run++) {
    // First each as it is: what once failed may not fail again.
    const input = seeds[run - 1] ?? mutator.next()
    input.copy(shown)
    counters[1] = input.length
    Atomics.store(counters, 0, run)
    try {
      const running = target.run(input)
      if (running !== undefined) await running
    } catch (error) {
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
      return { failure: { input: input.toString('latin1'), message }, growthBytes: 0 }
    }
    // What promises hold on to is let go between turns only.
    if (run % TURN === 0) await setImmediate()
    if (run === warm) usedBytes = await usedNow()
  }
  return { failure: null, growthBytes: (await usedNow()) - usedBytes }
}

/** One input a line, as JSON strings of Latin-1: what once failed, and what is well formed in unusual ways. */
function corpusOf(name: string): readonly Buffer[] {
  const file = new URL(`./corpus/${name}.txt`, import.meta.url)
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => Buffer.from(JSON.parse(line) as string, 'latin1'))
}

/** The least of several looks: memory of buffers is given back by another thread, after the collection. */
async function usedNow(): Promise<number> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  let least = Infinity
  for (let look = 0; look < LOOKS; look++) {
    collect()
    await setImmediate()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    least = Math.min(least, heapUsed + arrayBuffers)
  }
  return least
}
