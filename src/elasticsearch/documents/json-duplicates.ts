/**
 * A well-formed JSON text without repeated field names, the last one of each name winning, or null where there is none
 * to remove. Elasticsearch refuses repeated names; the reference removes them because it parses every document. Numbers
 * and strings keep their text. Not for the hot path: called when Elasticsearch refused a document.
 */
export function withoutDuplicateFields(json: string): string | null {
  const reader = new DuplicateRemover(json)
  const text = reader.value()
  return reader.hasRemoved ? text : null
}

class DuplicateRemover {
  hasRemoved = false
  readonly #json: string
  #at = 0

  constructor(json: string) {
    this.#json = json
  }

  value(): string {
    this.#skipSpace()
    const first = this.#json[this.#at]
    if (first === '{') return this.#object()
    if (first === '[') return this.#array()
    return this.#match(first === '"' ? /"[^"\\]*(?:\\.[^"\\]*)*"/y : /[^\s,\]}]+/y)
  }

  #object(): string {
    // By the name that the text means: `"a"` and `"\u0061"` are the same field.
    const fields = new Map<string, string>()
    this.#at++
    while (this.#next() !== '}') {
      if (this.#json[this.#at] === ',') this.#at++
      const name = JSON.parse(this.value()) as string
      this.#next()
      this.#at++
      if (fields.has(name)) this.hasRemoved = true
      fields.set(name, this.value())
    }
    this.#at++
    return `{${[...fields].map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`
  }

  #array(): string {
    const items: string[] = []
    this.#at++
    while (this.#next() !== ']') {
      if (this.#json[this.#at] === ',') this.#at++
      items.push(this.value())
    }
    this.#at++
    return `[${items.join(',')}]`
  }

  #next(): string {
    this.#skipSpace()
    const next = this.#json[this.#at]
    if (next === undefined) throw new SyntaxError('The JSON text ends too early.')
    return next
  }

  #skipSpace(): void {
    this.#match(/\s*/y)
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    const text = pattern.exec(this.#json)?.[0] ?? ''
    this.#at += text.length
    return text
  }
}
