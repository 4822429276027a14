import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import type { LiveWorker } from './live/live-worker.ts'

/** Shows the console. */
export function render(live: LiveWorker): void {
  createRoot(document.getElementById('root')!).render(
    <StrictMode>
      <App live={live} />
    </StrictMode>,
  )
}
