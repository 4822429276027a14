import { useMessages } from '../i18n/language.tsx'
import { configFormMessages } from './messages.ts'
import { errorsOf, type Validation } from './validation.ts'

/** Whether the configuration could be stored as it is; errors in full, wherever their options are. */
export function ValidationSummary({ validation }: { readonly validation: Validation }) {
  const t = useMessages(configFormMessages)
  const errors = errorsOf(validation)
  if (validation.answer === null && validation.error === null && !validation.isAsked) return null
  if (!validation.isCurrent) {
    return (
      <p className="soft small" role="status">
        {t.checking}
      </p>
    )
  }
  if (errors.length === 0) {
    return (
      <p className="small validation-good" role="status">
        {t.valid}
      </p>
    )
  }
  return (
    <details className="validation-errors small" open={errors.length < 4}>
      <summary>{t.errors(errors.length)}</summary>
      <ul>
        {errors.map(({ option, error }) => (
          <li key={`${option} ${error}`}>
            <code>{option}</code> {error}
          </li>
        ))}
      </ul>
    </details>
  )
}
