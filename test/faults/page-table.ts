/** A page of `docs` with this table in place of the one that it has with the same first line. */
export function withTable(page: string, table: string): string {
  const head = table.slice(0, table.indexOf('\n') + 1)
  const at = page.indexOf(head)
  if (at < 0) throw new Error(`The page has no table ${head}`)
  const end = page.indexOf('\n\n', at) + 1
  return page.slice(0, at) + table + page.slice(end)
}
