import { useEffect, useState } from 'react'
import { call } from '../api/client.ts'
import type { Config } from '../config-form/validation.ts'
import { messageOf } from '../parts/use-action.ts'

export interface Finding {
  readonly check: string
  readonly level: 'OK' | 'WARN' | 'FAIL'
  readonly message: string
  readonly remedy?: {
    readonly apply: string
    readonly where: 'sql' | 'request' | 'connector' | 'shell' | 'by hand'
    readonly then_restart: boolean
  }
}

/** What was found for one connector. */
export interface Examined {
  readonly name: string
  readonly findings: readonly Finding[]
}

export interface Preflight {
  /** Null: not there yet. */
  readonly found: readonly Examined[] | null
  readonly error: string | null
  readonly lookAgain: () => void
}

/** What the worker finds at the servers of connectors that are to be. @param isReady false: nothing is asked */
export function usePreflight(
  connectors: readonly { readonly name: string; readonly config: Config }[],
  isReady: boolean,
): Preflight {
  const [turn, setTurn] = useState(0)
  const [state, setState] = useState<Omit<Preflight, 'lookAgain'> & { readonly of: string }>({
    found: null,
    error: null,
    of: '',
  })
  const text = JSON.stringify({ connectors })
  const of = `${turn} ${text}`
  useEffect(() => {
    if (!isReady) return
    const { signal, abort } = abortable()
    call<{ readonly connectors: readonly Examined[] }>('PUT', '/connector-plugins/preflight', {
      text,
      signal,
    }).then(
      (answer) => setState({ found: answer.connectors, error: null, of }),
      (failure: unknown) => {
        if (!signal.aborted) setState({ found: null, error: messageOf(failure), of })
      },
    )
    return abort
  }, [text, of, isReady])
  const isCurrent = state.of === of
  return {
    found: isCurrent ? state.found : null,
    error: isCurrent ? state.error : null,
    lookAgain: () => setTurn(turn + 1),
  }
}

function abortable(): { readonly signal: AbortSignal; readonly abort: () => void } {
  const controller = new AbortController()
  return { signal: controller.signal, abort: () => controller.abort() }
}
