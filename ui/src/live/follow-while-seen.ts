import type { LiveWorker } from './live-worker.ts'

/** Follows the worker from now on while the page is looked at: a hidden one holds no connection. */
export function followWhileSeen(live: LiveWorker): void {
  let following: AbortController | null = null
  const adjust = (): void => {
    if (document.visibilityState === 'hidden') {
      following?.abort()
      following = null
    } else if (following === null) {
      following = new AbortController()
      void live.follow(following.signal)
    }
  }
  adjust()
  document.addEventListener('visibilitychange', adjust)
}
