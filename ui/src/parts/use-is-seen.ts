import { useEffect, useState, type RefObject } from 'react'

/** What is told of each element that is watched: by one observer, for hundreds of them took 6 ms each look. */
const tell = new Map<Element, (isSeen: boolean) => void>()
let observer: IntersectionObserver | null = null

/**
 * Whether an element is on the screen, or about to be: what is not need not be drawn.
 *
 * @param isFirst what is taken for so until the browser has looked
 */
export function useIsSeen(element: RefObject<Element | null>, isFirst: boolean): boolean {
  const [isSeen, setIsSeen] = useState(isFirst)
  useEffect(() => {
    const watched = element.current
    if (watched === null) return
    observer ??= new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) tell.get(target)?.(isIntersecting)
      },
      { rootMargin: '200px' },
    )
    tell.set(watched, setIsSeen)
    observer.observe(watched)
    return () => {
      tell.delete(watched)
      observer?.unobserve(watched)
    }
  }, [element])
  return isSeen
}
