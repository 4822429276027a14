/** Debezium's `schema.name.adjustment.mode` and `field.name.adjustment.mode`. */
export type NameAdjustmentMode = 'none' | 'avro' | 'avro_unicode'

/** A topic's name: what Kafka does not allow in it becomes `_`, one for each UTF-16 unit. */
export function topicName(parts: readonly string[], delimiter: string): string {
  return parts.join(delimiter).replaceAll(/[^A-Za-z0-9._-]/g, '_')
}

/** A schema's name, dots and all, as Avro allows it, where the options ask for that. */
export function adjustSchemaName(name: string, mode: NameAdjustmentMode): string {
  switch (mode) {
    case 'none':
      return name
    case 'avro':
      return underscored(name, /[^A-Za-z0-9_.]/g)
    case 'avro_unicode':
      return escaped(name, /[^A-Za-z0-9.]/g)
  }
}

/** A field's name, in which there must be no dot either. */
export function adjustFieldName(name: string, mode: NameAdjustmentMode): string {
  switch (mode) {
    case 'none':
      return name
    case 'avro':
      return underscored(name, /[^A-Za-z0-9_]/g)
    case 'avro_unicode':
      return escaped(name, /[^A-Za-z0-9]/g)
  }
}

/** A digit at the beginning stays, behind an underscore. */
function underscored(name: string, invalid: RegExp): string {
  const first = name.slice(0, 1)
  const begin = /\d/.test(first) ? `_${first}` : first.replace(/[^A-Za-z_]/, '_')
  return begin + name.slice(1).replaceAll(invalid, '_')
}

/** The underscore is escaped too, so that names stay different. */
function escaped(name: string, invalid: RegExp): string {
  return (
    name.slice(0, 1).replace(/[^A-Za-z]/, unicodeEscape) + name.slice(1).replaceAll(invalid, unicodeEscape)
  )
}

/** Of one UTF-16 unit; the reference pads nothing but short codes. */
export function unicodeEscape(unit: string): string {
  const code = unit.charCodeAt(0).toString(16)
  return `_u${code.length <= 2 ? '00' : ''}${code}`
}
