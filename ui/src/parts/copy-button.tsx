import { useEffect, useState, type RefObject } from 'react'
import { defineMessages } from '../i18n/define-messages.ts'
import { useMessages } from '../i18n/language.tsx'

const messages = defineMessages(
  { copy: 'Copy', copied: 'Copied', selected: 'Selected' },
  { copy: '복사', copied: '복사됨', selected: '선택됨' },
)

const SHOWN_MS = 2000

/** Copies the text of an element; where the browser lets no page do that, selects it. */
export function CopyButton({
  of,
  label,
}: {
  readonly of: RefObject<HTMLElement | null>
  readonly label: string
}) {
  const t = useMessages(messages)
  const [done, setDone] = useState<'copied' | 'selected' | null>(null)
  useEffect(() => {
    if (done === null) return
    const timer = setTimeout(() => setDone(null), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [done])
  const copy = async (): Promise<void> => {
    const element = of.current
    if (element === null) return
    try {
      // Only pages that came over TLS or from this machine have a clipboard.
      await navigator.clipboard.writeText(element.textContent)
      setDone('copied')
    } catch {
      getSelection()?.selectAllChildren(element)
      setDone('selected')
    }
  }
  return (
    <button
      type="button"
      className="button button-small"
      aria-label={`${t.copy}: ${label}`}
      onClick={() => void copy()}
    >
      <span role="status">{done === null ? t.copy : t[done]}</span>
    </button>
  )
}
