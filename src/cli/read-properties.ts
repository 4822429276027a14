import { readFile } from 'node:fs/promises'
import { ConfigError } from '../api/errors.ts'
import { parseProperties } from '../api/java/java-properties.ts'

/** @param what the file is for: `worker properties`. Throws `cli.file-unreadable`. */
export async function readProperties(file: string, what: string): Promise<Record<string, string>> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new ConfigError('cli.file-unreadable', `The ${what} ${file} cannot be read`, { cause })
  })
  return parseProperties(text)
}
