import { setTimeout as delay } from 'node:timers/promises'
import { ConnectError } from '../api/errors.ts'
import { ProgressBar } from './progress-bar.ts'
import { call } from './worker-client.ts'

export interface JobProgress {
  readonly phase: string
  readonly done: number
  readonly of: number
}

/** What a worker answers about a job; `Done` is what it says at the end. */
export type JobState<Done> =
  | { readonly state: 'RUNNING'; readonly progress: JobProgress }
  | ({ readonly state: 'COMPLETED' } & Done)
  | { readonly state: 'FAILED'; readonly message: string }

const ASK_EVERY_MS = 200

/**
 * Shows how far a job of a worker is, until it has ended. Throws `cli.request-refused` with its reason where it failed.
 *
 * @param onInterrupt what Ctrl-C does meanwhile, once the bar is away
 */
export async function followJob<Done>(
  url: string,
  path: string,
  onInterrupt: () => void,
): Promise<{ readonly state: 'COMPLETED' } & Done> {
  const bar = new ProgressBar()
  const interrupt = (): void => {
    bar.end()
    onInterrupt()
  }
  process.once('SIGINT', interrupt)
  try {
    for (;;) {
      const state = (await call(url, 'GET', path)) as JobState<Done>
      if (state.state !== 'RUNNING') {
        bar.end()
        if (state.state === 'FAILED') throw jobFailure(state)
        return state
      }
      bar.show({ text: progressText(state.progress), done: state.progress.done, of: state.progress.of })
      await delay(ASK_EVERY_MS)
    }
  } finally {
    process.off('SIGINT', interrupt)
  }
}

export function jobFailure({ message }: { readonly message: string }): ConnectError {
  return new ConnectError('cli.request-refused', message)
}

export function progressText({ phase, done, of }: JobProgress): string {
  return `${phase}: ${done} of ${of}`
}
