import { parseExact, stringifyExact } from '../api/exact-json.ts'
import './json-text.css'

/** Text that may be JSON: indented if it is, as it is otherwise. Whatever it looks like, it is only ever text. */
export function JsonText({ text }: { readonly text: string }) {
  return <pre className="json-text">{indented(text)}</pre>
}

function indented(text: string): string {
  if (!/^\s*[[{]/.test(text)) return text
  try {
    return stringifyExact(parseExact(text), 2)
  } catch {
    return text
  }
}
