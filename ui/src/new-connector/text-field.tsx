import type { ReactNode } from 'react'
import { Field } from '../parts/field.tsx'

interface TextFieldProps {
  readonly label: string
  readonly value: string
  readonly isSecret?: boolean
  readonly hint?: ReactNode
  readonly errors?: readonly string[]
  readonly onChange: (value: string) => void
}

export function TextField({ label, value, isSecret = false, hint, errors = [], onChange }: TextFieldProps) {
  return (
    <Field label={label} hint={hint} errors={errors}>
      {(props) => (
        <input
          {...props}
          className="input"
          type={isSecret ? 'password' : 'text'}
          autoComplete="off"
          spellCheck={false}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  )
}
