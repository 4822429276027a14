import { useRef } from 'react'
import { useMessages } from '../i18n/language.tsx'
import { CopyButton } from '../parts/copy-button.tsx'
import { preflightMessages } from './messages.ts'
import type { Finding } from './use-preflight.ts'

const TONES = { OK: 'good', WARN: 'warn', FAIL: 'bad' } as const

/** One thing that was looked at. */
export function FindingItem({ finding: { check, level, message, remedy } }: { readonly finding: Finding }) {
  return (
    <li className="finding">
      <span className={`state state-${TONES[level]}`}>
        <span className="state-dot" aria-hidden="true" />
        {level}
      </span>
      <div className="finding-text">
        <p>
          <strong>{check}</strong> {message}
        </p>
        {remedy === undefined ? null : <RemedyText check={check} remedy={remedy} />}
      </div>
    </li>
  )
}

function RemedyText({
  check,
  remedy: { apply, where, then_restart: thenRestart },
}: {
  readonly check: string
  readonly remedy: NonNullable<Finding['remedy']>
}) {
  const t = useMessages(preflightMessages)
  const text = useRef<HTMLPreElement>(null)
  return (
    <div className="remedy">
      <div className="row-apart">
        <span className="soft small">{t[where]}</span>
        {where === 'by hand' ? null : <CopyButton of={text} label={t.remedy(check)} />}
      </div>
      {where === 'by hand' ? <p>{apply}</p> : <pre ref={text}>{apply}</pre>}
      {thenRestart ? <p className="soft small">{t.restart}</p> : null}
    </div>
  )
}
