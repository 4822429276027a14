/**
 * Reads a Java properties file: `key=value`, `key: value` or `key value`, `#` and `!` comments, a backslash at the end
 * joins lines, escapes `\t \n \r \f \uXXXX`. Later lines win.
 */
export function parseProperties(text: string): Record<string, string> {
  const properties: [name: string, value: string][] = []
  for (const line of logicalLines(text)) {
    const match = /^((?:\\.|[^\\=:\s])*)(?:\s*[=:]\s*|\s+|$)(.*)$/s.exec(line)
    if (match !== null) properties.push([unescape(match[1]!), unescape(match[2]!)])
  }
  // Any name is one, `__proto__` too.
  return Object.fromEntries(properties)
}

function* logicalLines(text: string): Generator<string> {
  let joined: string | null = null
  for (const natural of text.split(/\r\n|\n|\r/)) {
    const trimmed = natural.replace(/^[ \t\f]+/, '')
    if (joined === null && (trimmed === '' || trimmed.startsWith('#') || trimmed.startsWith('!'))) continue
    const line: string = (joined ?? '') + trimmed
    // An odd number of backslashes at the end continues the line; an even one is escaped backslashes.
    if (/\\*$/.exec(line)![0].length % 2 === 1) joined = line.slice(0, -1)
    else {
      joined = null
      yield line
    }
  }
  if (joined !== null) yield joined
}

function unescape(text: string): string {
  const controls: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' }
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_, hex: string | undefined, single: string) =>
    hex === undefined ? (controls[single] ?? single) : String.fromCharCode(Number.parseInt(hex, 16)),
  )
}
