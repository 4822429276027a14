/** The mark of a value whose variable is not known any more. */
const HIDDEN = '[hidden]'

/** A short value is taken for a secret only where it stands alone: `1` is a part of many texts. */
const SHORT_LENGTH = 4

/**
 * Values that config providers supplied to one configuration, and the variables that they stand for. What leaves the
 * worker - answers, traces, logs - goes through `hide`.
 */
export class SecretValues {
  /** Value to variable; the longest value first, for one may contain another. */
  readonly #variables: readonly (readonly [value: string, variable: string])[]

  constructor(variables: ReadonlyMap<string, string>) {
    this.#variables = [...variables]
      .filter(([value]) => value.trim() !== '')
      .sort(([a], [b]) => b.length - a.length)
  }

  get isEmpty(): boolean {
    return this.#variables.length === 0
  }

  /** Plain data, for another thread. */
  get values(): readonly string[] {
    return this.#variables.map(([value]) => value)
  }

  static ofValues(values: readonly string[]): SecretValues {
    return new SecretValues(new Map(values.map((value) => [value, HIDDEN])))
  }

  /** The text with variables in place of values. */
  hide(text: string): string {
    let hidden = text
    for (const [value, variable] of this.#variables) {
      for (const form of forms(value)) {
        hidden =
          form.length < SHORT_LENGTH
            ? hidden.replace(new RegExp(`(?<!\\w)${escaped(form)}(?!\\w)`, 'g'), () => variable)
            : hidden.replaceAll(form, () => variable)
      }
    }
    return hidden
  }
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}

/** As it is, without the white space around it that options lose, and as it stands in JSON and in addresses. */
function forms(value: string): ReadonlySet<string> {
  const trimmed = value.trim()
  return new Set([value, trimmed, JSON.stringify(trimmed).slice(1, -1), encodeURIComponent(trimmed)])
}
