/** The options below a prefix, the prefix taken away. */
export function withoutPrefix<V>(
  options: Readonly<Record<string, V>>,
  prefix: string,
): Readonly<Record<string, V>> {
  return Object.fromEntries(
    Object.entries(options).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
    ),
  )
}
