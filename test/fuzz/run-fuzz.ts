import { Worker } from 'node:worker_threads'
import { PROGRESS_HEADER_BYTES, type FuzzJob, type FuzzOutcome } from './fuzz-job.ts'
import type { FuzzTargetName } from './fuzz-target.ts'

/** No parser of ours has a right to think so long about one input. */
const HANG_MS = 20_000
const MOST_GROWTH_BYTES = 16 * 1024 * 1024
const PROGRESS_BYTES = 1024 * 1024

export interface FuzzOptions extends Pick<FuzzJob, 'runs' | 'seed' | 'module'> {
  readonly hangMs?: number
  /** Called about once a second. */
  readonly onProgress?: (runs: number) => void
}

/** Resolves when all executions were right; rejects with the input that was not read as it should be, as a line for the corpus. */
export async function runFuzz(
  target: FuzzTargetName,
  { hangMs = HANG_MS, onProgress, ...options }: FuzzOptions,
): Promise<void> {
  const progress = new SharedArrayBuffer(PROGRESS_BYTES)
  const counters = new Uint32Array(progress, 0, 2)
  const workerData: FuzzJob = { target, progress, ...options }
  const thread = new Worker(new URL('./fuzz-thread.ts', import.meta.url), { workerData })
  const ended = Promise.withResolvers<FuzzOutcome>()
  thread.once('message', ended.resolve)
  thread.once('error', ended.reject)
  thread.once('exit', (code) => ended.reject(new Error(`The thread of ${target} exited with ${code}`)))
  let last = { run: 0, atMs: performance.now() }
  const watch = setInterval(
    () => {
      const run = Atomics.load(counters, 0)
      onProgress?.(run)
      if (run !== last.run) last = { run, atMs: performance.now() }
      else if (run > 0 && performance.now() - last.atMs > hangMs) {
        const input = Buffer.from(progress, PROGRESS_HEADER_BYTES, counters[1])
        ended.reject(failed(target, `no answer within ${hangMs} ms`, input.toString('latin1')))
      }
    },
    Math.min(1000, hangMs),
  )
  try {
    const { failure, growthBytes } = await ended.promise
    if (failure !== null) throw failed(target, failure.message, failure.input)
    if (growthBytes > MOST_GROWTH_BYTES) {
      throw new Error(
        `${target} keeps memory: ${Math.round(growthBytes / 1e6)} MB more after ${options.runs} runs`,
      )
    }
  } finally {
    clearInterval(watch)
    await thread.terminate()
  }
}

function failed(target: string, what: string, input: string): Error {
  return new Error(
    `${target}: ${what}\nThe input, as test/fuzz/corpus/${target}.txt has it:\n${JSON.stringify(input)}`,
  )
}
