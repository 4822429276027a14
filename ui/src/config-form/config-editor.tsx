import { useState } from 'react'
import { useMessages } from '../i18n/language.tsx'
import { ConfigForm } from './config-form.tsx'
import { ConfigJson } from './config-json.tsx'
import { configFormMessages } from './messages.ts'
import { ValidationSummary } from './validation-summary.tsx'
import type { Config, Validation } from './validation.ts'
import './config-editor.css'

export interface ConfigEditorProps {
  readonly config: Config
  readonly validation: Validation
  readonly onChange: (config: Config) => void
  /** Null: what is typed as JSON is none now. */
  readonly onJsonError: (error: string | null) => void
}

/** A configuration as a form of the options that the worker knows, or as JSON. */
export function ConfigEditor({ config, validation, onChange, onJsonError }: ConfigEditorProps) {
  const t = useMessages(configFormMessages)
  const [isJson, setIsJson] = useState(false)
  return (
    <div className="stack">
      <div className="row-apart">
        <fieldset className="segmented">
          <legend className="visually-hidden">{t.asWhat}</legend>
          {[false, true].map((kind) => (
            <label key={String(kind)}>
              <input
                type="radio"
                className="visually-hidden"
                checked={isJson === kind}
                onChange={() => {
                  onJsonError(null)
                  setIsJson(kind)
                }}
              />
              <span>{kind ? t.json : t.form}</span>
            </label>
          ))}
        </fieldset>
        <ValidationSummary validation={validation} />
      </div>
      {isJson ? (
        <ConfigJson config={config} onChange={onChange} onError={onJsonError} />
      ) : (
        <ConfigForm config={config} validation={validation} onChange={onChange} />
      )}
    </div>
  )
}
