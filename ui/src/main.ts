// First, so that what parts say of themselves counts over them.
import './styles/tokens.css'
import './styles/base.css'
import './styles/controls.css'
import './styles/facts.css'
import { followWhileSeen } from './live/follow-while-seen.ts'
import { LiveWorker } from './live/live-worker.ts'

// Asked before anything else: the worker answers while the browser makes itself ready for the rest.
const live = new LiveWorker()
followWhileSeen(live)
const { render } = await import('./render.tsx')
render(live)
