import { useState } from 'react'
import { call, pathOf } from '../api/client.ts'
import { ConfigEditor } from '../config-form/config-editor.tsx'
import { errorsOf, useValidation, type Config } from '../config-form/validation.ts'
import { defineMessages } from '../i18n/define-messages.ts'
import { useMessages } from '../i18n/language.tsx'
import type { ConnectorView } from '../live/worker-events.ts'
import { Notice } from '../parts/notice.tsx'
import { useAction } from '../parts/use-action.ts'
import { useLoaded } from '../parts/use-loaded.ts'

const messages = defineMessages(
  {
    save: 'Save',
    discard: 'Discard changes',
    saved: 'Saved. Tasks start anew with the configuration.',
    changed: (count: number) => (count === 1 ? 'One change' : `${count} changes`),
  },
  {
    save: '저장',
    discard: '변경 버리기',
    saved: '저장했습니다. 태스크가 이 설정으로 새로 시작됩니다.',
    changed: (count) => `변경 ${count}개`,
  },
)

/** The configuration of a connector, to be changed. */
export function ConfigTab({ connector: { name } }: { readonly connector: ConnectorView }) {
  const { data, error, reload } = useLoaded<Config>(`${pathOf('connectors', name)}/config`)
  if (error !== null) return <Notice tone="bad">{error}</Notice>
  return data === null ? null : <Editing name={name} stored={data} reload={reload} />
}

function Editing({
  name,
  stored,
  reload,
}: {
  readonly name: string
  readonly stored: Config
  readonly reload: () => void
}) {
  const t = useMessages(messages)
  const [config, setConfig] = useState(stored)
  // The text of the JSON is its editor's own: begun anew when changes are discarded.
  const [turn, setTurn] = useState(0)
  const [jsonError, setJsonError] = useState<string | null>(null)
  const [isSaved, setIsSaved] = useState(false)
  const validation = useValidation(config)
  const { run, isBusy, error } = useAction(async () => {
    await call('PUT', `${pathOf('connectors', name)}/config`, { body: config })
    setIsSaved(true)
    reload()
  })
  const changes = changesOf(stored, config)
  const isReady =
    changes > 0 && jsonError === null && validation.isCurrent && errorsOf(validation).length === 0
  return (
    <div className="stack">
      <ConfigEditor
        key={turn}
        config={config}
        validation={validation}
        onChange={(changed) => {
          setIsSaved(false)
          setConfig(changed)
        }}
        onJsonError={setJsonError}
      />
      {error === null ? null : <Notice tone="bad">{error}</Notice>}
      {isSaved && changes === 0 ? <Notice tone="good">{t.saved}</Notice> : null}
      <div className="row">
        <button
          type="button"
          className="button button-primary"
          disabled={!isReady || isBusy}
          onClick={() => void run()}
        >
          {t.save}
        </button>
        <button
          type="button"
          className="button"
          disabled={changes === 0 && jsonError === null}
          onClick={() => {
            setConfig(stored)
            setJsonError(null)
            setTurn(turn + 1)
          }}
        >
          {t.discard}
        </button>
        {changes === 0 ? null : <span className="soft small">{t.changed(changes)}</span>}
      </div>
    </div>
  )
}

function changesOf(before: Config, after: Config): number {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names].filter((name) => before[name] !== after[name]).length
}
