import { useCallback, useEffect, useState } from 'react'
import { call } from '../api/client.ts'
import { messageOf } from './use-action.ts'

export interface Loaded<T> {
  /** Null: not there yet, or it cannot be had. */
  readonly data: T | null
  readonly error: string | null
  readonly reload: () => void
}

/** What the worker answers to GET of a path; anew when the path changes or `reload` is called. Null: nothing is asked. */
export function useLoaded<T>(path: string | null): Loaded<T> {
  const [state, setState] = useState<{ path: string | null; data: T | null; error: string | null }>({
    path,
    data: null,
    error: null,
  })
  const [turn, setTurn] = useState(0)
  useEffect(() => {
    if (path === null) return
    const controller = new AbortController()
    call<T>('GET', path, { signal: controller.signal }).then(
      (data) => setState({ path, data, error: null }),
      (failure: unknown) => {
        if (!controller.signal.aborted) setState((before) => ({ ...before, path, error: messageOf(failure) }))
      },
    )
    return () => controller.abort()
  }, [path, turn])
  const reload = useCallback(() => setTurn((before) => before + 1), [])
  const isCurrent = state.path === path
  return { data: isCurrent ? state.data : null, error: isCurrent ? state.error : null, reload }
}
