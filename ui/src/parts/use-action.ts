import { useCallback, useRef, useState } from 'react'

export interface Action<A extends readonly unknown[]> {
  /** Does it, unless it is being done already. True: it worked. */
  readonly run: (...args: A) => Promise<boolean>
  readonly isBusy: boolean
  /** Why it did not work the last time; null: it did, or was not tried. */
  readonly error: string | null
  readonly forget: () => void
}

/** Something that the user asks for, and how it goes. */
export function useAction<A extends readonly unknown[]>(work: (...args: A) => Promise<unknown>): Action<A> {
  const [isBusy, setIsBusy] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const busy = useRef(false)
  const run = async (...args: A): Promise<boolean> => {
    if (busy.current) return false
    busy.current = true
    setIsBusy(true)
    setError(null)
    try {
      await work(...args)
      return true
    } catch (failure) {
      setError(messageOf(failure))
      return false
    } finally {
      busy.current = false
      setIsBusy(false)
    }
  }
  const forget = useCallback(() => setError(null), [])
  return { run, isBusy, error, forget }
}

export function messageOf(failure: unknown): string {
  return failure instanceof Error ? failure.message : String(failure)
}
