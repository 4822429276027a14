import { readFileSync } from 'node:fs'
import { ConfigError, describeError } from '../../api/errors.ts'

export interface IndexShape {
  /** `index.settings`. */
  readonly settings: string | null
  /** `index.template.file`. */
  readonly templateFile: string | null
}

/** The body of the request that creates a topic's index; null: none. Throws `connect.config-invalid`. */
export function indexBody({ settings, templateFile }: IndexShape, topic: string): object | null {
  if (settings === null && templateFile === null) return null
  const template = templateFile === null ? {} : readTemplate(templateFile.replaceAll('${topic}', () => topic))
  if (settings === null) return template
  const own = (template as { readonly settings?: object }).settings
  return { ...template, settings: { ...own, ...parseObject(settings, 'index.settings', 'it') } }
}

function readTemplate(file: string): object {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw invalid('index.template.file', `${file} cannot be read: ${describeError(cause)}`)
  }
  return parseObject(text, 'index.template.file', file)
}

function parseObject(text: string, option: string, what: string): object {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw invalid(option, `${what} is no JSON: ${describeError(cause)}`)
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw invalid(option, `${what} must be a JSON object`)
}

function invalid(option: string, problem: string): ConfigError {
  return new ConfigError('connect.config-invalid', `Invalid value for configuration ${option}: ${problem}`)
}
