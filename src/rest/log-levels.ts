import { ConfigError, NotFoundError } from '../api/errors.ts'

/** The level of the process's logger: pino's, by its names. */
export interface LeveledLogger {
  level: string
}

interface NamedLevel {
  readonly level: string
  readonly lastModified: number | null
}

/** Log4j's levels, which the REST API speaks, in pino's words. */
const PINO_LEVELS: { readonly [level: string]: string } = {
  OFF: 'silent',
  FATAL: 'fatal',
  ERROR: 'error',
  WARN: 'warn',
  INFO: 'info',
  DEBUG: 'debug',
  TRACE: 'trace',
  ALL: 'trace',
}

const ROOT = 'root'

/**
 * The loggers of the REST API. There is one logger in the process, `root`; others are remembered so that tools that set
 * them read back what they set.
 */
export class LogLevels {
  readonly #logger: LeveledLogger
  readonly #now: () => number
  readonly #levels = new Map<string, NamedLevel>()

  constructor(logger: LeveledLogger, now: () => number = Date.now) {
    this.#logger = logger
    this.#now = now
    const level = Object.keys(PINO_LEVELS).find((name) => PINO_LEVELS[name] === logger.level) ?? 'INFO'
    this.#levels.set(ROOT, { level, lastModified: null })
  }

  /** In order of name. */
  all(): readonly (readonly [name: string, level: NamedLevel])[] {
    return [...this.#levels].sort(([a], [b]) => (a < b ? -1 : 1))
  }

  get(name: string): NamedLevel {
    const level = this.#levels.get(name)
    if (level === undefined) throw new NotFoundError('rest.logger-unknown', `Logger ${name} not found.`)
    return level
  }

  /** A posted level as log4j writes it. Throws `ConfigError`, `NotFoundError`. */
  known(posted: string | null): string {
    if (posted === null) {
      throw new ConfigError('rest.request-invalid', "Desired 'level' parameter was not specified in request.")
    }
    const level = posted.toUpperCase()
    if (Object.hasOwn(PINO_LEVELS, level)) return level
    throw new NotFoundError('rest.logger-unknown', `invalid log level '${posted}'.`)
  }

  /** Sets a logger as another worker was asked to; what it wrote may be a level that is unknown here. */
  follow(name: string, level: string): void {
    if (Object.hasOwn(PINO_LEVELS, level.toUpperCase())) this.set(name, level)
  }

  /** Sets a logger and those below it. Answers the names of those that changed. */
  set(name: string, posted: string | null): readonly string[] {
    const level = this.known(posted)
    const known = [...this.#levels.keys()].filter(
      (candidate) => name === ROOT || candidate === name || candidate.startsWith(`${name}.`),
    )
    const names = known.length === 0 ? [name] : known
    const changed = names.filter((candidate) => this.#levels.get(candidate)?.level !== level)
    for (const candidate of changed) this.#levels.set(candidate, { level, lastModified: this.#now() })
    if (changed.includes(ROOT)) this.#logger.level = PINO_LEVELS[level]!
    return changed.sort()
  }
}
