import { useEffect, useLayoutEffect, useState } from 'react'

export type Theme = 'light' | 'dark'

const PLACE = 'tailrace.theme'
const prefersDark = window.matchMedia('(prefers-color-scheme: dark)')

/** The theme that the user chose here; until then, the system's. */
export function useTheme(): { readonly theme: Theme; readonly toggle: () => void } {
  const [chosen, setChosen] = useState(() => localStorage.getItem(PLACE) as Theme | null)
  const [system, setSystem] = useState(systemTheme)
  useEffect(() => {
    const listener = (): void => setSystem(systemTheme())
    prefersDark.addEventListener('change', listener)
    return () => prefersDark.removeEventListener('change', listener)
  }, [])
  const theme = chosen ?? system
  useLayoutEffect(() => {
    document.documentElement.dataset['theme'] = theme
  }, [theme])
  const toggle = (): void => {
    const next = theme === 'dark' ? 'light' : 'dark'
    localStorage.setItem(PLACE, next)
    setChosen(next)
  }
  return { theme, toggle }
}

function systemTheme(): Theme {
  return prefersDark.matches ? 'dark' : 'light'
}
