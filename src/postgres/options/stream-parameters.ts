import type { OptionCheck } from './option-definition.ts'

/** What the stream could not be read with, or would be another one's. */
const REFUSED: Readonly<Record<string, RegExp>> = {
  proto_version: /^(?!1$)/,
  publication_names: /^/,
  binary: /^(?!(?:false|off|no|0)$)/i,
  streaming: /^(?!(?:false|off|no|0)$)/i,
  two_phase: /^(?!(?:false|off|no|0)$)/i,
}

/** `slot.stream.params`: `name=value;name=value`. A name without a value has an empty one. */
export function parseStreamParameters(text: string): readonly (readonly [name: string, value: string])[] {
  return text
    .split(';')
    .filter((pair) => pair.trim() !== '')
    .map((pair) => {
      const equals = pair.indexOf('=')
      return equals < 0 ? [pair.trim(), ''] : [pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()]
    })
}

export const isStreamParameters: OptionCheck = (text) => {
  for (const [name, value] of parseStreamParameters(text)) {
    if (REFUSED[name]?.test(value) === true)
      return `${name}=${value} cannot be set: tailrace reads version 1 of the protocol, as text, from the publication of publication.name`
  }
  return null
}
