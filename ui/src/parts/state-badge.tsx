import { useMessages } from '../i18n/language.tsx'
import { stateMessages } from './state-messages.ts'
import './state-badge.css'

const TONES: Readonly<Record<string, string>> = {
  RUNNING: 'good',
  PAUSED: 'idle',
  STOPPED: 'idle',
  FAILED: 'bad',
  RESTARTING: 'warn',
  UNASSIGNED: 'warn',
}

/** A state in words and colour; the shape of the dot tells them apart without colour. */
export function StateBadge({ state, label }: { readonly state: string; readonly label?: string }) {
  const t = useMessages(stateMessages)
  const text = label ?? (Object.hasOwn(t, state) ? t[state as keyof typeof t] : state)
  return (
    <span className={`state state-${TONES[state] ?? 'idle'}`} data-state={state}>
      <span className="state-dot" aria-hidden="true" />
      {text}
    </span>
  )
}
