import type { ReactNode } from 'react'
import './notice.css'

type Tone = 'bad' | 'warn' | 'good' | 'plain'

/** Something to read. What went wrong is read out at once. */
export function Notice({
  tone,
  title,
  children,
}: {
  readonly tone: Tone
  readonly title?: ReactNode
  readonly children?: ReactNode
}) {
  return (
    <div className={`notice notice-${tone}`} role={tone === 'bad' ? 'alert' : 'status'}>
      {title === undefined ? null : <p className="notice-title">{title}</p>}
      {children}
    </div>
  )
}
