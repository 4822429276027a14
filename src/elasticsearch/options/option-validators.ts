import type { OptionReader, OptionValidator } from '../../api/config-def.ts'
import { nodeUrl } from '../client/node-url.ts'

/** A number in a range; also says so where there is no number at all, as Kafka's ranges do. */
export function range(least: number, most = Infinity): OptionValidator {
  const check = (value: unknown): string | null => {
    if (Number(value) < least) return `Value must be at least ${least}`
    return Number(value) > most ? `Value must be no more than ${most}` : null
  }
  return Object.assign(check, { nullProblem: 'Value must be non-null' })
}

/** One of some names, in any case. */
export function enumeration(...allowed: readonly string[]): OptionValidator {
  return (value) =>
    allowed.includes(String(value).toLowerCase()) ? null : `Value must be one of: [${allowed.join(', ')}]`
}

/** A part of a data stream's name. @param what names it, for messages */
export function dataStreamPart(what: 'dataset' | 'namespace'): OptionValidator {
  return (value) => {
    const text = String(value ?? '')
    if (text.length > 100) return `The specified ${what} must be no longer than 100 characters.`
    if (text !== text.toLowerCase()) return `The specified ${what} must be in all lowercase.`
    return /[\\/*?"<>| ,#\-:]/.test(text)
      ? `The specified ${what} must not contain any spaces or invalid characters \\/*?"<>|,#-:`
      : null
  }
}

/** A list of addresses. Blank entries are left to the connector's own checks. */
export function urls(): OptionValidator {
  const check = (value: unknown): string | null => {
    const bad = (value as readonly string[]).find((url) => url !== '' && nodeUrl(url) === null)
    return bad === undefined ? null : `The provided url '${bad}' is not a valid url.`
  }
  return Object.assign(check, { nullProblem: 'The config must be provided and non-null.' })
}

/** No class of Java can be found. */
export function noClass(name: string): OptionReader {
  return (text) => ({
    value: null,
    errors:
      text === undefined || text === null
        ? []
        : [`Invalid value ${text} for configuration ${name}: Class ${text} could not be found.`],
  })
}

export const keytab: OptionValidator = (value) =>
  String(value).endsWith('.keytab') ? null : 'The specified file must end with .keytab'
