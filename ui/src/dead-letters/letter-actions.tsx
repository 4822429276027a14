import { useMessages } from '../i18n/language.tsx'
import { ConfirmButton } from '../parts/confirm-button.tsx'
import { deadLetterMessages } from './messages.ts'

interface LetterActionsProps {
  /** Offsets of those here that nothing was done with. */
  readonly open: readonly string[]
  readonly chosen: ReadonlySet<string>
  readonly isBusy: boolean
  readonly onChoose: (chosen: ReadonlySet<string>) => void
  readonly onRetry: () => void
  readonly onDiscard: () => void
  readonly onReload: () => void
}

/** What can be done with the chosen letters. */
export function LetterActions({
  open,
  chosen,
  isBusy,
  onChoose,
  onRetry,
  onDiscard,
  onReload,
}: LetterActionsProps) {
  const t = useMessages(deadLetterMessages)
  const isDisabled = chosen.size === 0 || isBusy
  return (
    <div className="row-apart">
      <label className="check">
        <input
          type="checkbox"
          disabled={open.length === 0}
          checked={open.length > 0 && open.every((offset) => chosen.has(offset))}
          onChange={(event) => onChoose(new Set(event.target.checked ? open : []))}
        />
        {t.selectAll}
      </label>
      <div className="row">
        <span className="soft small" role="status">
          {chosen.size === 0 ? '' : t.chosen(chosen.size)}
        </span>
        <ConfirmButton
          label={t.retry}
          question={t.retryQuestion(chosen.size)}
          className="button-primary button-small"
          disabled={isDisabled}
          onConfirm={onRetry}
        >
          {t.retryHint}
        </ConfirmButton>
        <ConfirmButton
          label={t.discard}
          question={t.discardQuestion(chosen.size)}
          className="button-danger button-small"
          disabled={isDisabled}
          onConfirm={onDiscard}
        >
          {t.discardHint}
        </ConfirmButton>
        <button type="button" className="button button-small" onClick={onReload}>
          {t.reload}
        </button>
      </div>
    </div>
  )
}
