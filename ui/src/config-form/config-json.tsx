import { useState } from 'react'
import { useMessages } from '../i18n/language.tsx'
import { Field } from '../parts/field.tsx'
import { configFormMessages } from './messages.ts'
import { configOf } from './config-text.ts'
import type { Config } from './validation.ts'

interface ConfigJsonProps {
  readonly config: Config
  readonly onChange: (config: Config) => void
  readonly onError: (error: string | null) => void
}

/** A configuration as text. */
export function ConfigJson({ config, onChange, onError }: ConfigJsonProps) {
  const t = useMessages(configFormMessages)
  const [text, setText] = useState(() => JSON.stringify(config, null, 2))
  const [error, setError] = useState<string | null>(null)
  const change = (typed: string): void => {
    setText(typed)
    const read = configOf(typed)
    const problem = typeof read === 'string' ? `${t.notJson} ${read}` : null
    setError(problem)
    onError(problem)
    if (typeof read !== 'string') onChange(read)
  }
  return (
    <Field label={t.jsonLabel} errors={error === null ? [] : [error]}>
      {(props) => (
        <textarea
          {...props}
          className="input"
          spellCheck={false}
          rows={Math.min(40, Math.max(12, text.split('\n').length + 1))}
          value={text}
          onChange={(event) => change(event.target.value)}
        />
      )}
    </Field>
  )
}
