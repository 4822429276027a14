import { useEffect, useRef, useState, type ReactNode } from 'react'
import { defineMessages } from '../i18n/define-messages.ts'
import { useMessages } from '../i18n/language.tsx'
import './confirm-button.css'

const messages = defineMessages({ cancel: 'Cancel' }, { cancel: '취소' })

interface ConfirmButtonProps {
  readonly label: string
  readonly question: string
  /** What follows from it. */
  readonly children: ReactNode
  readonly disabled?: boolean
  readonly className?: string
  readonly onConfirm: () => void
}

/** A button for what cannot be undone: asks first. */
export function ConfirmButton({
  label,
  question,
  children,
  disabled = false,
  className = 'button-danger',
  onConfirm,
}: ConfirmButtonProps) {
  const t = useMessages(messages)
  const [isOpen, setIsOpen] = useState(false)
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (isOpen) dialog.current?.showModal()
    else dialog.current?.close()
  }, [isOpen])
  return (
    <>
      <button
        type="button"
        className={`button ${className}`}
        disabled={disabled}
        onClick={() => setIsOpen(true)}
      >
        {label}
      </button>
      <dialog ref={dialog} className="dialog" aria-label={question} onClose={() => setIsOpen(false)}>
        <div className="stack">
          <h2>{question}</h2>
          <div className="soft">{children}</div>
          <div className="row dialog-actions">
            <button type="button" className="button" onClick={() => setIsOpen(false)}>
              {t.cancel}
            </button>
            <button
              type="button"
              className={`button ${className}`}
              onClick={() => {
                setIsOpen(false)
                onConfirm()
              }}
            >
              {label}
            </button>
          </div>
        </div>
      </dialog>
    </>
  )
}
