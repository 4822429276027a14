import { Chart, type Line } from './chart.tsx'
import './measure.css'

interface MeasureProps {
  readonly title: string
  /** What it is now. */
  readonly value: string
  readonly more?: string | undefined
  readonly summary: string
  readonly lines: readonly Line[]
  readonly format: (value: number) => string
  readonly steps?: readonly number[] | undefined
}

/** A measure with its latest value and the minutes before. */
export function Measure({ title, value, more, summary, lines, format, steps }: MeasureProps) {
  return (
    <section className="panel measure" aria-label={title}>
      <div className="measure-head">
        <h2>{title}</h2>
        {lines.length > 1 ? (
          <ul className="legend">
            {lines.map(({ label }) => (
              <li key={label}>{label}</li>
            ))}
          </ul>
        ) : null}
      </div>
      <p className="measure-value numeric">
        {value}
        {more === undefined ? null : <span className="measure-more">{more}</span>}
      </p>
      <Chart summary={summary} lines={lines} format={format} steps={steps} />
    </section>
  )
}
