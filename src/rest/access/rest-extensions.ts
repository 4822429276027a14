import { readFileSync } from 'node:fs'
import { ConfigError } from '../../api/errors.ts'
import { parseProperties } from '../../api/java/java-properties.ts'

const BASIC_AUTH = 'org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension'
const LOGIN_MODULE = 'org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule'
const LOGIN_CONFIG = 'java.security.auth.login.config'

/**
 * The users, with their passwords, of the extension that Kafka Connect brings for HTTP basic; null: no extension is
 * asked for. Throws `ConfigError`.
 *
 * @param loginConfig the JAAS file, where a property of the worker names it; else `KAFKA_OPTS` may
 */
export function extensionUsers(
  classNames: readonly string[],
  loginConfig: string | null,
  environment: NodeJS.ProcessEnv = process.env,
): ReadonlyMap<string, string> | null {
  if (classNames.length === 0) return null
  const unknown = classNames.find((className) => className !== BASIC_AUTH)
  if (unknown !== undefined) {
    throw invalid('rest.extension.classes', `${unknown} is Java's; only ${BASIC_AUTH} is known here`)
  }
  const file =
    loginConfig ?? /-Djava\.security\.auth\.login\.config=(\S+)/.exec(environment['KAFKA_OPTS'] ?? '')?.[1]
  if (file === undefined) {
    throw invalid(
      'rest.extension.classes',
      `the extension needs a JAAS file: ${LOGIN_CONFIG}=FILE in the worker's properties, or -D${LOGIN_CONFIG}=FILE in ` +
        'KAFKA_OPTS. Without one, use rest.auth.users.file',
    )
  }
  const passwords = parseProperties(read(passwordFileOf(read(file, LOGIN_CONFIG), file), 'file'))
  return new Map(Object.entries(passwords))
}

/** `KafkaConnect { …PropertyFileLoginModule required file="…"; };` */
function passwordFileOf(jaas: string, file: string): string {
  const section = /\bKafkaConnect\s*\{([^}]*)\}/.exec(jaas.replace(/\/\*[^]*?\*\/|\/\/.*$/gm, ''))?.[1]
  if (section === undefined) throw invalid(LOGIN_CONFIG, `${file} has no section KafkaConnect { … }`)
  if (!section.includes(LOGIN_MODULE)) {
    throw invalid(LOGIN_CONFIG, `KafkaConnect of ${file} names another login module than ${LOGIN_MODULE}`)
  }
  const passwords = /\bfile\s*=\s*"([^"]+)"/.exec(section)?.[1]
  if (passwords === undefined) throw invalid(LOGIN_CONFIG, `KafkaConnect of ${file} says no file="…"`)
  return passwords
}

function read(file: string, option: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new ConfigError('connect.config-invalid', `The file ${file} (${option}) cannot be read`, { cause })
  }
}

function invalid(option: string, problem: string): ConfigError {
  return new ConfigError('connect.config-invalid', `Invalid value for configuration ${option}: ${problem}`)
}
