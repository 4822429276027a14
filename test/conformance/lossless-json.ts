/** JSON as it was written: the order of fields and the text of numbers are kept. */
export type Json = null | boolean | string | NumberText | readonly Json[] | ReadonlyMap<string, Json>

export class NumberText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

const TOKEN = /\s*(?:([{}[\]:,])|("(?:[^"\\]|\\.)*")|(-?\d[\d.eE+-]*)|(true|false|null))/sy

/** Throws for what is not JSON, and for objects with the same name twice. */
export function parseJson(text: string): Json {
  const token = new RegExp(TOKEN)
  const next = (): RegExpExecArray => {
    const match = token.exec(text)
    if (match === null) throw new SyntaxError(`Not JSON: ${text.slice(0, 80)}`)
    return match
  }
  const list = <T>(end: string, element: (first: RegExpExecArray) => T): T[] => {
    const elements: T[] = []
    let first = next()
    if (first[1] === end) return elements
    for (;;) {
      elements.push(element(first))
      const after = next()[1]
      if (after === end) return elements
      if (after !== ',') throw new SyntaxError(`Not JSON: ${text.slice(0, 80)}`)
      first = next()
    }
  }
  const value = ([, mark, string, number, word]: RegExpExecArray): Json => {
    if (string !== undefined) return JSON.parse(string) as string
    if (number !== undefined) return new NumberText(number)
    if (word !== undefined) return word === 'null' ? null : word === 'true'
    if (mark === '[') return list(']', value)
    if (mark !== '{') throw new SyntaxError(`Not JSON: ${text.slice(0, 80)}`)
    const fields = list('}', (name) => {
      if (name[2] === undefined || next()[1] !== ':') throw new SyntaxError('Not JSON: a name was expected')
      return [JSON.parse(name[2]) as string, value(next())] as const
    })
    const object = new Map(fields)
    if (object.size !== fields.length) throw new SyntaxError('The same name twice')
    return object
  }
  const parsed = value(next())
  if (text.slice(token.lastIndex).trim() !== '') throw new SyntaxError('Not JSON: something follows')
  return parsed
}

export function printJson(value: Json): string {
  if (value instanceof NumberText) return value.text
  if (value instanceof Map) {
    const object = value as ReadonlyMap<string, Json>
    return `{${[...object].map(([name, field]) => `${JSON.stringify(name)}:${printJson(field)}`).join(',')}}`
  }
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(printJson).join(',')}]`
  return JSON.stringify(value)
}
