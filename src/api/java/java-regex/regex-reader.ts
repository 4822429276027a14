/** What is wrong with an expression, or what of Java's notation is not there: the message is to follow «Invalid regex». */
export class RegexSyntaxError extends Error {
  constructor(problem: string) {
    super(problem)
    this.name = 'RegexSyntaxError'
  }
}

/** Walks through the text of an expression by code points. */
export class RegexReader {
  readonly #characters: readonly string[]
  #at = 0

  constructor(source: string) {
    this.#characters = Array.from(unquoted(source))
  }

  get index(): number {
    return this.#at
  }

  /** The next character, or one further on; '' at the end. */
  peek(ahead = 0): string {
    return this.#characters[this.#at + ahead] ?? ''
  }

  next(): string {
    return this.#characters[this.#at++] ?? ''
  }

  /** Takes the text if it comes next. */
  takes(text: string): boolean {
    for (let i = 0; i < text.length; i++) if (this.peek(i) !== text[i]) return false
    this.#at += text.length
    return true
  }

  /** Takes characters as long as they match, at most `count` of them. */
  takeWhile(expression: RegExp, count = Infinity): string {
    let taken = ''
    for (let i = 0; i < count && this.peek() !== '' && expression.test(this.peek()); i++) taken += this.next()
    return taken
  }

  /** Takes all up to a character, and that. Throws where it does not come. */
  takeUntil(end: string, what: string): string {
    const taken = this.takeWhile(new RegExp(`[^${end}]`, 'u'))
    if (this.next() !== end) throw new RegexSyntaxError(`${what} is not closed`)
    return taken
  }
}

/** `\Q…\E` as escaped characters: Java takes it out before it reads anything else. */
function unquoted(source: string): string {
  let result = ''
  for (let at = 0; at < source.length;) {
    if (source.startsWith('\\Q', at)) {
      const end = source.indexOf('\\E', at + 2)
      result += source.slice(at + 2, end < 0 ? undefined : end).replace(/[^\p{L}\p{N}]/gu, '\\$&')
      at = end < 0 ? source.length : end + 2
    } else {
      const length = source[at] === '\\' ? 2 : 1
      result += source.slice(at, at + length)
      at += length
    }
  }
  return result
}
