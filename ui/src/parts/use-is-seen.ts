import { useEffect, useState, type RefObject } from 'react'

/** Whether an element is on the screen, or about to be: what is not need not be drawn. */
export function useIsSeen(element: RefObject<Element | null>): boolean {
  const [isSeen, setIsSeen] = useState(true)
  useEffect(() => {
    const watch = new IntersectionObserver(([entry]) => setIsSeen(entry?.isIntersecting ?? true), {
      rootMargin: '200px',
    })
    if (element.current !== null) watch.observe(element.current)
    return () => watch.disconnect()
  }, [element])
  return isSeen
}
