import { useEffect, useRef } from 'react'

const WIDTH = 96
const HEIGHT = 24
const POINTS = 60

/** The last minute of a measure, as a line without numbers: they stand beside it. */
export function Sparkline({ values, sample }: { readonly values: Float64Array; readonly sample: number }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    if (canvas.current !== null) draw(canvas.current, values.subarray(values.length - POINTS))
  }, [values, sample])
  return (
    <canvas ref={canvas} className="sparkline" width={WIDTH * 2} height={HEIGHT * 2} aria-hidden="true" />
  )
}

function draw(canvas: HTMLCanvasElement, values: Float64Array): void {
  // The first stroke on a canvas is the dear one: not while a page with hundreds of them comes.
  if (canvas.dataset['drawn'] === undefined && values.every(Number.isNaN)) return
  canvas.dataset['drawn'] = ''
  const context = canvas.getContext('2d')!
  context.clearRect(0, 0, canvas.width, canvas.height)
  let most = 0
  for (const value of values) if (value > most) most = value
  context.strokeStyle = colour()
  context.lineWidth = 3
  context.lineJoin = 'round'
  context.beginPath()
  let isDrawing = false
  for (const [index, value] of values.entries()) {
    if (Number.isNaN(value)) continue
    const x = (index / (values.length - 1)) * canvas.width
    const y = canvas.height - 4 - (most === 0 ? 0 : value / most) * (canvas.height - 8)
    if (isDrawing) context.lineTo(x, y)
    else context.moveTo(x, y)
    isDrawing = true
  }
  context.stroke()
}

/** Asking for it makes the browser work out all styles: once for each theme, not for each line. */
const known: { theme: string | undefined; colour: string } = { theme: undefined, colour: '' }

function colour(): string {
  const root = document.documentElement
  const theme = root.dataset['theme'] ?? ''
  if (known.theme !== theme) {
    known.theme = theme
    known.colour = getComputedStyle(root).getPropertyValue('--series-1').trim()
  }
  return known.colour
}
