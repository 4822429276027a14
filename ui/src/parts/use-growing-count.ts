import { useEffect, useState } from 'react'

/** Between two steps the browser paints, and answers keys and clicks. */
const PAUSE_MS = 50

/** How many of many rows to have: at first what a screen holds, then as many more again and again until all are there. */
export function useGrowingCount(all: number, atOnce: number): number {
  const [count, setCount] = useState(atOnce)
  useEffect(() => {
    if (count >= all) return
    const timer = setTimeout(() => setCount(count + atOnce), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [count, all, atOnce])
  return Math.min(count, all)
}
