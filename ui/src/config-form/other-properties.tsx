import { useState } from 'react'
import { useMessages } from '../i18n/language.tsx'
import { Field } from '../parts/field.tsx'
import { configFormMessages } from './messages.ts'
import type { Config } from './validation.ts'

interface OtherPropertiesProps {
  readonly config: Config
  readonly known: ReadonlySet<string>
  readonly onChange: (name: string, value: string | null) => void
}

/** What is set besides the options of the connector, such as options of plugins that it does not describe. */
export function OtherProperties({ config, known, onChange }: OtherPropertiesProps) {
  const t = useMessages(configFormMessages)
  const [name, setName] = useState('')
  const others = Object.keys(config).filter((property) => !known.has(property))
  return (
    <fieldset className="panel config-group">
      <legend>{t.other}</legend>
      <div className="stack">
        <p className="field-hint">{t.otherHint}</p>
        <div className="config-fields">
          {others.map((property) => (
            <Field key={property} label={<code>{property}</code>}>
              {(props) => (
                <div className="row other-property">
                  <input
                    {...props}
                    className="input"
                    value={config[property] ?? ''}
                    onChange={(event) => onChange(property, event.target.value)}
                  />
                  <button
                    type="button"
                    className="button button-small"
                    onClick={() => onChange(property, null)}
                  >
                    <span aria-hidden="true">✕</span>
                    <span className="visually-hidden">{t.remove(property)}</span>
                  </button>
                </div>
              )}
            </Field>
          ))}
        </div>
        <form
          className="row other-property new-property"
          onSubmit={(event) => {
            event.preventDefault()
            if (name.trim() !== '') onChange(name.trim(), config[name.trim()] ?? '')
            setName('')
          }}
        >
          <input
            className="input"
            aria-label={t.addName}
            placeholder={t.addName}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <button type="submit" className="button button-small">
            {t.add}
          </button>
        </form>
      </div>
    </fieldset>
  )
}
