import { useState } from 'react'
import { useMessages } from '../i18n/language.tsx'
import { configFormMessages } from './messages.ts'
import { OptionField } from './option-field.tsx'
import { OtherProperties } from './other-properties.tsx'
import type { Config, OptionAnswer, Validation } from './validation.ts'

interface ConfigFormProps {
  readonly config: Config
  readonly validation: Validation
  readonly onChange: (config: Config) => void
}

/** A field for each option, in the groups that the connector gives them. */
export function ConfigForm({ config, validation, onChange }: ConfigFormProps) {
  const t = useMessages(configFormMessages)
  const [filter, setFilter] = useState('')
  const [showsAll, setShowsAll] = useState(false)
  const answers = (validation.answer?.configs ?? []).filter((answer) => answer.definition !== null)
  const wanted = filter.trim().toLowerCase()
  const isShown = ({ definition, value }: OptionAnswer): boolean => {
    const { name, importance, required, display_name: title } = definition
    if (wanted !== '') return `${name} ${title}`.toLowerCase().includes(wanted)
    if (!value.visible) return Object.hasOwn(config, name)
    return (
      showsAll || Object.hasOwn(config, name) || required || importance === 'HIGH' || value.errors.length > 0
    )
  }
  const groups = Map.groupBy(answers.filter(isShown), ({ definition }) => definition.group ?? t.general)
  const known = new Set(answers.map(({ definition }) => definition.name))
  const set = (name: string, value: string | null): void => {
    const { [name]: _, ...rest } = config
    onChange(value === null ? rest : { ...config, [name]: value })
  }
  if (answers.length === 0) return null
  return (
    <div className="stack">
      <div className="row">
        <input
          className="input config-filter"
          type="search"
          aria-label={t.filter}
          placeholder={t.filter}
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
        <label className="check">
          <input type="checkbox" checked={showsAll} onChange={(event) => setShowsAll(event.target.checked)} />
          {t.showAll}
        </label>
      </div>
      {groups.size === 0 ? <p className="soft">{t.noMatch}</p> : null}
      {[...groups].map(([group, options]) => (
        <fieldset key={group} className="panel config-group">
          <legend>{group}</legend>
          <div className="config-fields">
            {options.map((option) => (
              <OptionField
                key={option.definition.name}
                option={option}
                value={config[option.definition.name] ?? null}
                onChange={(value) => set(option.definition.name, value)}
              />
            ))}
          </div>
        </fieldset>
      ))}
      <OtherProperties config={config} known={known} onChange={set} />
    </div>
  )
}
