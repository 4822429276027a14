// First, so that what parts say of themselves counts over them.
import './styles/tokens.css'
import './styles/base.css'
import './styles/controls.css'
import './styles/facts.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { followWhileSeen } from './live/follow-while-seen.ts'
import { LiveWorker } from './live/live-worker.ts'

// Asked before anything is drawn: the worker answers meanwhile.
const live = new LiveWorker()
followWhileSeen(live)

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App live={live} />
  </StrictMode>,
)
