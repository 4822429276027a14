/** The entries of a LIST option, trimmed; none for null, absent and blank. */
export function listOf(text: string | null | undefined): readonly string[] {
  const trimmed = text?.trim() ?? ''
  return trimmed === '' ? [] : trimmed.split(/\s*,\s*/)
}
