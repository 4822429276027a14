import { call, pathOf } from '../api/client.ts'
import { useMessages } from '../i18n/language.tsx'
import type { ConnectorView } from '../live/worker-events.ts'
import { ConfirmButton } from '../parts/confirm-button.tsx'
import { Notice } from '../parts/notice.tsx'
import { useAction } from '../parts/use-action.ts'
import { goTo } from '../shell/route.ts'
import { connectorMessages } from './messages.ts'

/** What can be done with a connector. How it goes is seen in its state. */
export function ConnectorActions({ connector: { name, state } }: { readonly connector: ConnectorView }) {
  const t = useMessages(connectorMessages)
  const path = pathOf('connectors', name)
  const { run, isBusy, error } = useAction(async (method: 'PUT' | 'POST', action: string) => {
    await call(method, `${path}/${action}`)
  })
  const removal = useAction(async () => {
    await call('DELETE', path)
    goTo()
  })
  const isStill = state === 'PAUSED' || state === 'STOPPED'
  const button = (label: string, method: 'PUT' | 'POST', action: string) => (
    <button type="button" className="button" disabled={isBusy} onClick={() => void run(method, action)}>
      {label}
    </button>
  )
  return (
    <div className="stack connector-actions">
      <div className="row">
        {state === 'STOPPED' ? null : button(t.restart, 'POST', 'restart?includeTasks=true')}
        {isStill ? button(t.resume, 'PUT', 'resume') : button(t.pause, 'PUT', 'pause')}
        {state === 'STOPPED' ? null : button(t.stop, 'PUT', 'stop')}
        <ConfirmButton
          label={t.remove}
          question={t.removeQuestion(name)}
          disabled={removal.isBusy}
          onConfirm={() => void removal.run()}
        >
          {t.removeHint}
        </ConfirmButton>
      </div>
      {(error ?? removal.error) === null ? null : <Notice tone="bad">{error ?? removal.error}</Notice>}
    </div>
  )
}
