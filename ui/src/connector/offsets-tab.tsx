import { useState } from 'react'
import { call, pathOf } from '../api/client.ts'
import { parseExact, stringifyExact } from '../api/exact-json.ts'
import { useMessages } from '../i18n/language.tsx'
import type { ConnectorView } from '../live/worker-events.ts'
import { ConfirmButton } from '../parts/confirm-button.tsx'
import { Field } from '../parts/field.tsx'
import { JsonText } from '../parts/json-text.tsx'
import { Notice } from '../parts/notice.tsx'
import { messageOf, useAction } from '../parts/use-action.ts'
import { useLoaded } from '../parts/use-loaded.ts'
import { offsetMessages } from './offset-messages.ts'

/** Where a connector stands, to be changed while it is stopped. */
export function OffsetsTab({ connector: { name, state } }: { readonly connector: ConnectorView }) {
  const path = `${pathOf('connectors', name)}/offsets`
  // Each asks anew: what was read while the connector ran is not where it stopped.
  return state === 'STOPPED' ? <OffsetsEditor path={path} /> : <Offsets path={path} />
}

function Offsets({ path }: { readonly path: string }) {
  const t = useMessages(offsetMessages)
  const { data, error, reload } = useLoaded<unknown>(path)
  return (
    <div className="stack">
      <Hint text={t.stopFirst} onReload={reload} />
      {error === null ? null : <Notice tone="bad">{error}</Notice>}
      <JsonText text={data === null ? '' : stringifyExact(data, 2)} />
    </div>
  )
}

function OffsetsEditor({ path }: { readonly path: string }) {
  const t = useMessages(offsetMessages)
  const { data, error, reload } = useLoaded<unknown>(path)
  const [text, setText] = useState<string | null>(null)
  const [done, setDone] = useState<string | null>(null)
  const alter = useAction(async (posted: string) => {
    const { message } = await call<{ readonly message: string }>('PATCH', path, { text: posted })
    setDone(message)
    // Something else may have been typed meanwhile.
    setText((typed) => (typed === posted ? null : typed))
    reload()
  })
  const reset = useAction(async () => {
    const { message } = await call<{ readonly message: string }>('DELETE', path)
    setDone(message)
    setText(null)
    reload()
  })
  const shown = data === null ? '' : stringifyExact(data, 2)
  const problem = text === null ? null : jsonProblem(text)
  const failure = error ?? alter.error ?? reset.error
  return (
    <div className="stack">
      <Hint text={t.hint} onReload={reload} />
      {failure === null ? null : <Notice tone="bad">{failure}</Notice>}
      {done === null ? null : <Notice tone="good">{done}</Notice>}
      {data === null ? null : (
        <>
          <Field label={t.offsets} errors={problem === null ? [] : [problem]}>
            {(props) => (
              <textarea
                {...props}
                className="input"
                spellCheck={false}
                rows={Math.min(30, Math.max(8, (text ?? shown).split('\n').length))}
                value={text ?? shown}
                onChange={(event) => setText(event.target.value)}
              />
            )}
          </Field>
          <div className="row">
            <button
              type="button"
              className="button button-primary"
              disabled={text === null || problem !== null || alter.isBusy}
              onClick={() => void alter.run(text ?? shown)}
            >
              {t.alter}
            </button>
            <ConfirmButton
              label={t.reset}
              question={t.resetQuestion}
              disabled={reset.isBusy}
              onConfirm={() => void reset.run()}
            >
              {t.resetHint}
            </ConfirmButton>
          </div>
        </>
      )}
    </div>
  )
}

function Hint({ text, onReload }: { readonly text: string; readonly onReload: () => void }) {
  const t = useMessages(offsetMessages)
  return (
    <div className="row-apart">
      <p className="soft small">{text}</p>
      <button type="button" className="button button-small" onClick={onReload}>
        {t.reload}
      </button>
    </div>
  )
}

function jsonProblem(text: string): string | null {
  try {
    parseExact(text)
    return null
  } catch (error) {
    return messageOf(error)
  }
}
