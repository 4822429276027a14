import './progress-bar.css'

interface ProgressBarProps {
  readonly label: string
  /** 0 to 1; null: nobody knows. */
  readonly share: number | null
  readonly detail: string
}

/** How far something is that takes its time. */
export function ProgressBar({ label, share, detail }: ProgressBarProps) {
  return (
    <div className="progress">
      <div className="row-apart">
        <span className="progress-label">{label}</span>
        <span className="soft small numeric">{detail}</span>
      </div>
      <progress aria-label={label} max={1} {...(share === null ? {} : { value: Math.min(1, share) })} />
    </div>
  )
}
