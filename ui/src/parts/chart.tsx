import { useEffect, useRef } from 'react'
import type uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { LENGTH } from '../live/series.ts'
import { useSamples } from '../live/use-live.ts'
import './chart.css'

export interface Line {
  readonly label: string
  /** One value a sample, oldest first; NaN leaves a gap. */
  readonly values: Float64Array
}

/** What a chart spans that has just begun. */
const LEAST_SECONDS = 30

interface ChartProps {
  /** What it shows, for who cannot see it: with the latest number in it. */
  readonly summary: string
  readonly lines: readonly Line[]
  readonly format: (value: number) => string
  /** Between the lines of the grid; round decimal numbers unless given. */
  readonly steps?: readonly number[] | undefined
  readonly height?: number
}

/** Lines over the last minutes, drawn anew with each sample. */
export function Chart({ summary, lines, format, steps, height = 120 }: ChartProps) {
  const live = useSamples()
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const kinds = lines.map(({ label }) => label).join('|')
  const latest = useRef({ lines, format, steps })
  useEffect(() => {
    latest.current = { lines, format, steps }
  })
  useEffect(() => {
    const element = place.current!
    let Plot: typeof uPlot | null = null
    const draw = (): void => {
      if (Plot === null) return
      plot.current?.destroy()
      const options = optionsOf(latest.current.lines, latest.current, {
        width: element.clientWidth,
        height,
      })
      plot.current = new Plot(options, dataOf(live.times, latest.current.lines), element)
    }
    let isGone = false
    // The page is there first, and what draws comes after it; where it does not come, numbers stand beside.
    import('uplot').then(
      (loaded) => {
        if (isGone) return
        Plot = loaded.default
        draw()
      },
      () => undefined,
    )
    const resized = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height }))
    resized.observe(element)
    // Colours are those of the theme at the moment of drawing.
    const themed = new MutationObserver(draw)
    themed.observe(document.documentElement, { attributeFilter: ['data-theme'] })
    return () => {
      isGone = true
      resized.disconnect()
      themed.disconnect()
      plot.current?.destroy()
      plot.current = null
    }
  }, [live, kinds, height])
  useEffect(() => plot.current?.setData(dataOf(live.times, latest.current.lines)), [live, live.samples])
  return <div className="chart" style={{ minHeight: height }} ref={place} role="img" aria-label={summary} />
}

function dataOf(times: Float64Array, lines: readonly Line[]): uPlot.AlignedData {
  const first = times.findIndex((time) => !Number.isNaN(time))
  const from = first === -1 ? times.length : first
  const known = (value: number): number | null => (Number.isNaN(value) ? null : value)
  return [times.slice(from), ...lines.map(({ values }) => Array.from(values.slice(from), known))]
}

function optionsOf(
  lines: readonly Line[],
  { format, steps }: Pick<ChartProps, 'format' | 'steps'>,
  size: { readonly width: number; readonly height: number },
): uPlot.Options {
  const style = getComputedStyle(document.documentElement)
  const colour = (name: string): string => style.getPropertyValue(name).trim()
  const axis = {
    stroke: colour('--ink-faint'),
    font: '11px "Inter Variable", sans-serif',
    ticks: { show: false },
  }
  return {
    ...size,
    padding: [8, 26, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: {
        range: (_plot, min, max) => [Math.max(Math.min(min, max - LEAST_SECONDS), max - LENGTH + 1), max],
      },
      y: { range: (_plot, _min, max) => [0, (max > 0 ? max : 1) * 1.15] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 24,
        space: 56,
        incrs: [10, 30, 60],
        values: (_plot, seconds) => seconds.map(clock),
      },
      {
        ...axis,
        grid: { stroke: colour('--line'), width: 1 },
        size: 54,
        space: 30,
        ...(steps === undefined ? {} : { incrs: [...steps] }),
        values: (_plot, values) => values.map(format),
      },
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

function clock(seconds: number): string {
  const at = new Date(seconds * 1000)
  // The browser's own formats look up names of time zones first, which takes longer than the chart.
  return [at.getHours(), at.getMinutes(), at.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':')
}
