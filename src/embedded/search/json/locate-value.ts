/**
 * Where the value at `path` starts in a JSON text, as `line:column` from 1, the way Elasticsearch begins the reason of
 * a document that it refuses. The text was parsed before; a path that is not in it gives the start.
 */
export function locateValue(text: string, path: readonly (string | number)[]): string {
  const scanner = new Scanner(text)
  for (const step of path) if (!scanner.enter(step)) return '1:1'
  const before = text.slice(0, scanner.at)
  const lineStart = before.lastIndexOf('\n') + 1
  return `${before.split('\n').length}:${before.length - lineStart + 1}`
}

class Scanner {
  readonly #text: string
  at = 0

  constructor(text: string) {
    this.#text = text
    this.#skipSpace()
  }

  /** Moves to the start of the value of a key, or of an item of an array; false where there is none. */
  enter(step: string | number): boolean {
    const open = this.#text[this.at]
    if (open !== (typeof step === 'number' ? '[' : '{')) return false
    this.#step()
    for (let index = 0; this.at < this.#text.length && !/[\]}]/.test(this.#text[this.at]!); index++) {
      const key = typeof step === 'number' ? index : this.#key()
      if (key === step) return true
      this.#skipValue()
      if (this.#text[this.at] === ',') this.#step()
    }
    return false
  }

  #key(): string {
    const start = this.at
    this.#skipValue()
    const key = JSON.parse(this.#text.slice(start, this.at).trim()) as string
    this.#step()
    return key
  }

  #step(): void {
    this.at++
    this.#skipSpace()
  }

  #skipSpace(): void {
    while (/\s/.test(this.#text[this.at] ?? '')) this.at++
  }

  #skipValue(): void {
    let depth = 0
    do {
      const character = this.#text[this.at]!
      if (character === '"') this.#skipString()
      else if (character === '{' || character === '[') depth++
      else if (character === '}' || character === ']') depth--
      this.at++
      if (depth === 0 && /[,:\]}\s]|^$/.test(this.#text[this.at] ?? '')) break
    } while (this.at < this.#text.length)
    this.#skipSpace()
  }

  #skipString(): void {
    for (this.at++; this.#text[this.at] !== '"' && this.at < this.#text.length; this.at++) {
      if (this.#text[this.at] === '\\') this.at++
    }
  }
}
