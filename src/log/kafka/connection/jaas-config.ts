/**
 * The options of a JAAS line: `Module required name="value" …;`. Values may be quoted, with backslashes before quotes.
 * The line holds passwords: nothing of it belongs in a message.
 */
export function jaasOptions(line: string): Readonly<Record<string, string>> {
  const options: Record<string, string> = {}
  for (const [, name, quoted, bare] of line.matchAll(OPTION)) {
    options[name!] = quoted === undefined ? bare! : quoted.replace(/\\(.)/g, '$1')
  }
  return options
}

const OPTION = /([\w.]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/g
