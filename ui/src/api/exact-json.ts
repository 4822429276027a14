type Reviver = (this: unknown, key: string, value: unknown, context: { readonly source?: string }) => unknown

// TypeScript's libraries do not know it yet.
const { rawJSON } = JSON as unknown as { readonly rawJSON: (text: string) => unknown }

/** Parses JSON; whole numbers beyond 2^53 become bigints and lose nothing: offsets and LSNs are such. */
export function parseExact(text: string): unknown {
  const reviver: Reviver = (_key, value, { source }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source ?? '')
      ? BigInt(source!)
      : value
  // A reviver is called for every value: only where a number may be that long.
  if (!/\d{16}/.test(text)) return JSON.parse(text)
  return JSON.parse(text, reviver as (key: string, value: unknown) => unknown)
}

/** The text again, bigints as the numbers that they are. */
export function stringifyExact(value: unknown, indent = 0): string {
  const replacer = (_key: string, child: unknown): unknown =>
    typeof child === 'bigint' ? rawJSON(child.toString()) : child
  return JSON.stringify(value, replacer, indent)
}
