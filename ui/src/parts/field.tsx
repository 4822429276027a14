import { useId, type ReactNode } from 'react'

/** What ties a control to its label, its hint and what is wrong with it. */
export interface ControlProps {
  readonly id: string
  readonly 'aria-describedby': string | undefined
  readonly 'aria-invalid': boolean
}

interface FieldProps {
  readonly label: ReactNode
  readonly hint?: ReactNode
  readonly errors?: readonly string[]
  readonly children: (props: ControlProps) => ReactNode
}

export function Field({ label, hint, errors = [], children }: FieldProps) {
  const id = useId()
  const hintId = hint === undefined ? null : `${id}-hint`
  const errorId = errors.length === 0 ? null : `${id}-error`
  const describedBy = [errorId, hintId].filter((part) => part !== null).join(' ')
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      {children({ id, 'aria-describedby': describedBy || undefined, 'aria-invalid': errors.length > 0 })}
      {errorId === null ? null : (
        <ul className="field-error" id={errorId}>
          {errors.map((error) => (
            <li key={error}>{error}</li>
          ))}
        </ul>
      )}
      {hintId === null ? null : (
        <p className="field-hint" id={hintId}>
          {hint}
        </p>
      )}
    </div>
  )
}
