/** What the action line of an item names: for errors, and for what is rare. */
export function readAction(lines: string): { readonly index: string; readonly id: string | null } {
  const action = JSON.parse(lines.slice(0, lines.indexOf('\n'))) as Record<
    string,
    { _index: string; _id?: string }
  >
  const { _index: index, _id: id } = Object.values(action)[0]!
  return { index, id: id ?? null }
}
