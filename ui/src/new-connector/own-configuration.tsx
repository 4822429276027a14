import { useState } from 'react'
import { call } from '../api/client.ts'
import { ConfigEditor } from '../config-form/config-editor.tsx'
import { errorsOf, useValidation, type Config } from '../config-form/validation.ts'
import { useMessages } from '../i18n/language.tsx'
import { Field } from '../parts/field.tsx'
import { Notice } from '../parts/notice.tsx'
import { useAction } from '../parts/use-action.ts'
import { useLoaded } from '../parts/use-loaded.ts'
import { Preflight } from '../preflight/preflight.tsx'
import { goTo } from '../shell/route.ts'
import { newConnectorMessages } from './messages.ts'

interface Plugin {
  readonly class: string
  readonly type: string
}

/** Any connector, by its form or by pasted JSON. */
export function OwnConfiguration() {
  const t = useMessages(newConnectorMessages)
  const { data: plugins, error: pluginError } = useLoaded<readonly Plugin[]>('/connector-plugins')
  const [config, setConfig] = useState<Config>({ name: '', 'connector.class': '' })
  const [jsonError, setJsonError] = useState<string | null>(null)
  const name = config['name']?.trim() ?? ''
  const className = config['connector.class'] ?? ''
  const validation = useValidation(config)
  const { run, isBusy, error } = useAction(async () => {
    await call('POST', '/connectors', { body: { name, config } })
    goTo('connectors', name)
  })
  const isReady =
    name !== '' && jsonError === null && validation.isCurrent && errorsOf(validation).length === 0
  return (
    <div className="stack">
      <p className="soft">{t.paste}</p>
      <Field label={t.plugin} errors={pluginError === null ? [] : [pluginError]}>
        {(props) => (
          <select
            {...props}
            className="input"
            value={className}
            onChange={(event) => setConfig({ ...config, 'connector.class': event.target.value })}
          >
            <option value="">{t.choose}</option>
            {[...new Set([...(plugins ?? []).map((plugin) => plugin.class), className])]
              .filter((known) => known !== '')
              .map((known) => (
                <option key={known}>{known}</option>
              ))}
          </select>
        )}
      </Field>
      <ConfigEditor config={config} validation={validation} onChange={setConfig} onJsonError={setJsonError} />
      {className === '' ? null : <Preflight connectors={[{ name, config }]} isReady={isReady} />}
      {error === null ? null : <Notice tone="bad">{error}</Notice>}
      {name === '' ? <p className="soft small">{t.needsName}</p> : null}
      <div>
        <button
          type="button"
          className="button button-primary"
          disabled={!isReady || isBusy}
          onClick={() => void run()}
        >
          {isBusy ? t.creating : t.createOne}
        </button>
      </div>
    </div>
  )
}
