/** `1 table`, `2 tables`: for names whose plural has an s. */
export function counted(count: number | bigint | string, what: string): string {
  return `${count} ${what}${String(count) === '1' ? '' : 's'}`
}
