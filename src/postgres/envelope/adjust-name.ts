import type { EnvelopeOptions } from './envelope-options.ts'

type NameAdjustmentMode = EnvelopeOptions['schemaNameAdjustmentMode']

/** A topic's name: what Kafka does not allow in it becomes `_`, one for each UTF-16 unit. */
export function topicName(parts: readonly string[], delimiter: string): string {
  return parts.join(delimiter).replaceAll(/[^A-Za-z0-9._-]/g, '_')
}

/** A schema's or field's name as Avro allows it, where the options ask for that. */
export function adjustName(name: string, mode: NameAdjustmentMode): string {
  switch (mode) {
    case 'none':
      return name
    case 'avro':
      return name
        .split('.')
        .map((part) => part.replaceAll(/[^A-Za-z0-9_]|^\d/g, '_'))
        .join('.')
    case 'avro_unicode':
      // The underscore is escaped too, so that names stay different.
      return name
        .split('.')
        .map((part) => part.replaceAll(/[^A-Za-z0-9]|^\d/g, unicodeEscape))
        .join('.')
  }
}

function unicodeEscape(character: string): string {
  return `_u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
