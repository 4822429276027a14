import { useEffect, useState } from 'react'
import { call, pathOf } from '../api/client.ts'
import { messageOf } from '../parts/use-action.ts'

export type Config = Readonly<Record<string, string>>

export interface OptionAnswer {
  readonly definition: {
    readonly name: string
    readonly type: string
    readonly required: boolean
    readonly default_value: string | null
    readonly importance: 'HIGH' | 'MEDIUM' | 'LOW'
    readonly documentation: string
    readonly group: string | null
    readonly display_name: string
    readonly order_in_group: number
  }
  readonly value: {
    readonly name: string
    readonly value: string | null
    readonly recommended_values: readonly string[]
    readonly errors: readonly string[]
    readonly visible: boolean
  }
}

/** A property that nobody defines, and what is said of it. */
type UndefinedAnswer = Omit<OptionAnswer, 'definition'> & { readonly definition: null }

interface ValidationAnswer {
  readonly name: string
  readonly error_count: number
  readonly groups: readonly string[]
  readonly configs: readonly (OptionAnswer | UndefinedAnswer)[]
}

export interface Validation {
  /** The last answer; null before the first. */
  readonly answer: ValidationAnswer | null
  /** What the worker says where it has no answer: an unknown class, a broken connection. */
  readonly error: string | null
  /** The answer is about what is typed now. */
  readonly isCurrent: boolean
  /** False: there is no class yet whose options could be looked at. */
  readonly isAsked: boolean
}

/** Whoever types faster is not interrupted. */
const PAUSE_MS = 350

/** What the worker says of a configuration, asked anew as it changes. */
export function useValidation(config: Config): Validation {
  const [state, setState] = useState<Validation & { readonly of: string }>({
    answer: null,
    error: null,
    isCurrent: false,
    isAsked: false,
    of: '',
  })
  const text = JSON.stringify(config)
  useEffect(() => {
    const controller = new AbortController()
    const { signal } = controller
    const posted = JSON.parse(text) as Config
    if (!posted['connector.class']) return
    const timer = setTimeout(() => {
      const path = pathOf('connector-plugins', posted['connector.class']!, 'config', 'validate')
      call<ValidationAnswer>('PUT', path, { text, signal }).then(
        (answer) => setState({ answer, error: null, isCurrent: true, isAsked: true, of: text }),
        (failure: unknown) => {
          if (!signal.aborted) setState((before) => ({ ...before, error: messageOf(failure), of: text }))
        },
      )
    }, PAUSE_MS)
    return () => {
      clearTimeout(timer)
      controller.abort()
    }
  }, [text])
  return { ...state, isCurrent: state.of === text, isAsked: Boolean(config['connector.class']) }
}

/** All errors of an answer, each with the option that it is about. */
export function errorsOf({
  answer,
  error,
}: Validation): readonly { readonly option: string; readonly error: string }[] {
  if (error !== null) return [{ option: 'connector.class', error }]
  return (answer?.configs ?? []).flatMap(({ value }) =>
    value.errors.map((text) => ({ option: value.name, error: text })),
  )
}
