/** Things to close at the end, the last one first. */
export type Closers = (() => Promise<unknown>)[]

/**
 * Runs `work` until it ends or the process is told to end (SIGINT, SIGTERM, SIGHUP: `signal` is aborted), then closes
 * what it left in `closers`. A second signal ends the process at once.
 */
export async function withShutdown(
  work: (signal: AbortSignal, closers: Closers) => Promise<void>,
): Promise<void> {
  const stopping = new AbortController()
  const onSignal = () => {
    if (stopping.signal.aborted) process.exit(1)
    stopping.abort()
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const name of signals) process.on(name, onSignal)
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
