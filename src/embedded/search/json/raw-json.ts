/** JSON text that goes into an answer as it is: a document's source, or a number that JavaScript would write otherwise. */
export class RawJson {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** Writes an answer. Unlike `JSON.stringify` it takes `RawJson` and `bigint`; what is `undefined` is left out. */
export function writeJson(value: unknown): string {
  if (value instanceof RawJson) return value.text
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) {
    let text = '['
    for (let i = 0; i < value.length; i++) text += (i === 0 ? '' : ',') + writeJson(value[i])
    return text + ']'
  }
  let text = '{'
  for (const [key, child] of Object.entries(value)) {
    if (child !== undefined)
      text += `${text.length === 1 ? '' : ','}${JSON.stringify(key)}:${writeJson(child)}`
  }
  return text + '}'
}
