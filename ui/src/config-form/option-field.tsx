import { useMessages } from '../i18n/language.tsx'
import { Field, type ControlProps } from '../parts/field.tsx'
import { configFormMessages } from './messages.ts'
import type { OptionAnswer } from './validation.ts'

interface OptionFieldProps {
  readonly option: OptionAnswer
  /** As it is set; null: it is not. */
  readonly value: string | null
  readonly onChange: (value: string | null) => void
}

/** One option: its control by its type, what it means, and what is wrong with its value. */
export function OptionField({ option, value, onChange }: OptionFieldProps) {
  const t = useMessages(configFormMessages)
  const { name, required, documentation, default_value: byDefault } = option.definition
  const label = (
    <>
      <code>{name}</code>
      {required ? <span className="option-required">{t.required}</span> : null}
    </>
  )
  const hint = (
    <>
      <Documentation text={documentation} />{' '}
      {byDefault === null || byDefault === '' ? null : <span>{t.default(byDefault)}</span>}
    </>
  )
  return (
    <Field label={label} hint={hint} errors={option.value.errors}>
      {(props) => <Control {...props} option={option} value={value} onChange={onChange} />}
    </Field>
  )
}

/** What stands between backticks is code. */
function Documentation({ text }: { readonly text: string }) {
  return text.split('`').map((part, index) => {
    // The parts of a text that does not change.
    // oxlint-disable-next-line react/no-array-index-key
    return index % 2 === 0 ? part : <code key={index}>{part}</code>
  })
}

function Control({ option, value, onChange, ...props }: OptionFieldProps & ControlProps) {
  const t = useMessages(configFormMessages)
  const { type, name, default_value: byDefault } = option.definition
  const { recommended_values: recommended } = option.value
  const choices = type === 'BOOLEAN' ? ['true', 'false'] : recommended
  if (type !== 'LIST' && choices.length > 0 && (value === null || choices.includes(value))) {
    return (
      <select
        {...props}
        className="input"
        name={name}
        value={value ?? ''}
        onChange={(event) => onChange(event.target.value === '' ? null : event.target.value)}
      >
        <option value="">{t.unset}</option>
        {choices.map((choice) => (
          <option key={choice}>{choice}</option>
        ))}
      </select>
    )
  }
  const isNumber = ['INT', 'LONG', 'SHORT', 'DOUBLE'].includes(type)
  return (
    <input
      {...props}
      className="input"
      name={name}
      type={type === 'PASSWORD' ? 'password' : 'text'}
      inputMode={isNumber ? 'decimal' : 'text'}
      autoComplete="off"
      spellCheck={false}
      placeholder={byDefault ?? ''}
      value={value ?? ''}
      onChange={(event) => onChange(event.target.value === '' ? null : event.target.value)}
    />
  )
}
