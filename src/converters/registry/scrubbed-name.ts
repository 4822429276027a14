/** A name of letters, digits and `_`, made as the reference makes it: URL-encoded, `x` in front of what may not begin a name, then `_` for the rest. */
export function scrubbedName(name: string, mayBegin: RegExp): string {
  if (name === '' || (mayBegin.test(name) && /^[A-Za-z0-9_]*$/.test(name))) return name
  const encoded = encodeURIComponent(name.toWellFormed())
    .replaceAll('%20', '+')
    .replaceAll(/[!'()~]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
  return (/^[0-9_]/.test(encoded) && !mayBegin.test(encoded) ? `x${encoded}` : encoded).replaceAll(
    /[^A-Za-z0-9_]/g,
    '_',
  )
}
