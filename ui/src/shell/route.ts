import { useSyncExternalStore } from 'react'

/** Where in the console one is: the segments of `#/connectors/orders/config`, decoded. */
export function useRoute(): readonly string[] {
  const hash = useSyncExternalStore(onHashChange, () => window.location.hash)
  return segmentsOf(hash)
}

/** The address of a place in the console. */
export function linkTo(...segments: readonly string[]): string {
  return `#/${segments.map((segment) => encodeURIComponent(segment)).join('/')}`
}

export function goTo(...segments: readonly string[]): void {
  window.location.hash = linkTo(...segments)
}

function onHashChange(listener: () => void): () => void {
  window.addEventListener('hashchange', listener)
  return () => window.removeEventListener('hashchange', listener)
}

function segmentsOf(hash: string): readonly string[] {
  try {
    return hash
      .replace(/^#\/?/, '')
      .split('/')
      .filter((segment) => segment !== '')
      .map((segment) => decodeURIComponent(segment))
  } catch {
    return []
  }
}
