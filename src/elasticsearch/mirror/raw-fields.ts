/**
 * The fields of a well-formed JSON object as the text that they have: numbers keep their digits. The last one of a name
 * counts.
 */
export function rawFields(json: string): Map<string, string> {
  const fields = new Map<string, string>()
  const pattern = /\s*("(?:[^"\\]|\\.)*")\s*:\s*/y
  let at = json.indexOf('{') + 1
  for (;;) {
    pattern.lastIndex = at
    const name = pattern.exec(json)
    if (name === null) return fields
    const start = pattern.lastIndex
    const end = valueEnd(json, start)
    fields.set(JSON.parse(name[1]!) as string, json.slice(start, end).trimEnd())
    const comma = json.indexOf(',', end)
    if (comma < 0 || json.slice(end, comma).trim() !== '') return fields
    at = comma + 1
  }
}

export function rawObject(fields: ReadonlyMap<string, string>): string {
  return `{${[...fields].map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`
}

function valueEnd(json: string, start: number): number {
  const token = /"(?:[^"\\]|\\.)*"|[{}[\],]/g
  token.lastIndex = start
  for (let depth = 0; ;) {
    const found = token.exec(json)
    if (found === null) return json.length
    const [text] = found
    if (text === '{' || text === '[') depth++
    else if (text === '}' || text === ']') {
      if (depth === 0) return found.index
      depth--
    } else if (text === ',' && depth === 0) return found.index
  }
}
