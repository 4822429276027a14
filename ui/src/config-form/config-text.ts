import type { Config } from './validation.ts'

type Reviver = (this: unknown, key: string, value: unknown, context: { readonly source?: string }) => unknown

/** Reads a configuration, or a connector as it is posted. Values become text, numbers as they are written. A text: why not. */
export function configOf(text: string): Config | string {
  let value: unknown
  try {
    value = JSON.parse(text, sourceText as (key: string, value: unknown) => unknown)
  } catch (error) {
    return (error as Error).message
  }
  if (!isObject(value)) return '{ … }'
  const inner = value['config']
  const isPosted = isObject(inner)
  const entries = Object.entries(isPosted ? inner : value)
  const odd = entries.find(([, entry]) => typeof entry !== 'string' && entry !== null)
  if (odd !== undefined) return `"${odd[0]}"`
  const config = Object.fromEntries(entries.filter(([, entry]) => entry !== null)) as Config
  return isPosted && typeof value['name'] === 'string' ? { name: value['name'], ...config } : config
}

const sourceText: Reviver = (_key, value, { source }) =>
  typeof value === 'number' || typeof value === 'boolean' ? source : value

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
