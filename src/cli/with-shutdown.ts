/** Things to close at the end, the last one first. */
export type Closers = (() => Promise<unknown>)[]

/** One Ctrl-C comes several times: from the terminal, and passed on by npm and `scripts/run.mjs`. */
const SAME_SIGNAL_MS = 500

/**
 * Runs `work` until it ends or the process is told to end (SIGINT, SIGTERM, SIGHUP, a closed pipe: `signal` is aborted), then closes
 * what it left in `closers`. A second signal ends the process at once.
 */
export async function withShutdown(
  work: (signal: AbortSignal, closers: Closers) => Promise<void>,
): Promise<void> {
  const stopping = new AbortController()
  let firstMs = 0
  const onSignal = () => {
    if (!stopping.signal.aborted) {
      firstMs = performance.now()
      stopping.abort()
    } else if (performance.now() - firstMs > SAME_SIGNAL_MS) {
      process.exit(1)
    }
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const name of signals) process.on(name, onSignal)
  // Nobody reads any more (`| head`): the same as a signal. It stays on, for what is written while closing.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    if (!stopping.signal.aborted) onSignal()
  })
  const closers: Closers = []
  try {
    await work(stopping.signal, closers)
  } catch (error) {
    // What was under way when the signal came fails in its own words; the user knows why.
    if (!stopping.signal.aborted) throw error
  } finally {
    for (const close of closers.reverse()) await close()
    for (const name of signals) process.off(name, onSignal)
  }
}
