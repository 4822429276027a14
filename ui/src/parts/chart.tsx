import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { useSamples } from '../live/use-live.ts'
import './chart.css'

export interface Line {
  readonly label: string
  /** One value a sample, oldest first; NaN leaves a gap. */
  readonly values: Float64Array
}

interface ChartProps {
  /** What it shows, for who cannot see it: with the latest number in it. */
  readonly summary: string
  readonly lines: readonly Line[]
  readonly format: (value: number) => string
  readonly height?: number
}

/** Lines over the last minutes, drawn anew with each sample. */
export function Chart({ summary, lines, format, height = 120 }: ChartProps) {
  const live = useSamples()
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const kinds = lines.map(({ label }) => label).join('|')
  const latest = useRef({ lines, format })
  latest.current = { lines, format }
  useEffect(() => {
    const element = place.current!
    const draw = (): void => {
      plot.current?.destroy()
      const options = optionsOf(latest.current.lines, (value) => latest.current.format(value), {
        width: element.clientWidth,
        height,
      })
      plot.current = new uPlot(options, dataOf(live.times, latest.current.lines), element)
    }
    draw()
    const resized = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height }))
    resized.observe(element)
    // Colours are those of the theme at the moment of drawing.
    const themed = new MutationObserver(draw)
    themed.observe(document.documentElement, { attributeFilter: ['data-theme'] })
    return () => {
      resized.disconnect()
      themed.disconnect()
      plot.current?.destroy()
      plot.current = null
    }
  }, [live, kinds, height])
  useEffect(() => plot.current?.setData(dataOf(live.times, latest.current.lines)), [live, live.samples])
  return <div className="chart" ref={place} role="img" aria-label={summary} />
}

function dataOf(times: Float64Array, lines: readonly Line[]): uPlot.AlignedData {
  const first = times.findIndex((time) => !Number.isNaN(time))
  const from = first === -1 ? times.length : first
  return [
    times.slice(from),
    ...lines.map(({ values }) =>
      Array.from(values.slice(from), (value) => (Number.isNaN(value) ? null : value)),
    ),
  ]
}

function optionsOf(
  lines: readonly Line[],
  format: (value: number) => string,
  size: { readonly width: number; readonly height: number },
): uPlot.Options {
  const style = getComputedStyle(document.documentElement)
  const colour = (name: string): string => style.getPropertyValue(name).trim()
  const axis = {
    stroke: colour('--ink-faint'),
    font: '11px "Inter Variable", sans-serif',
    ticks: { show: false },
  }
  const grid = { stroke: colour('--line'), width: 1 }
  return {
    ...size,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.15 : 1] } },
    axes: [
      { ...axis, grid: { show: false }, size: 22, space: 70 },
      { ...axis, grid, size: 52, space: 32, values: (_plot, values) => values.map(format) },
    ],
    series: [
      {},
      ...lines.map(({ label }, index) => ({
        label,
        stroke: colour(`--series-${index + 1}`),
        width: 1.75,
        points: { show: false },
        spanGaps: true,
        ...(lines.length === 1 ? { fill: `${colour('--series-1')}1c` } : {}),
      })),
    ],
  }
}
