import { copyFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { ConnectError } from '../../api/errors.ts'
import type { Reindexer } from '../../api/reindexing.ts'
import type { SinkTask } from '../../api/sink-task.ts'

/**
 * The index of a collecting sink is its file; a new one has the suffix, and takes the name of the old one. Where there is
 * a file `<file>.fewer`, the new one lacks something as often as that has lines.
 */
export function collectingReindexer(
  file: string,
  { suffix, task }: { readonly suffix: string; readonly task: (file: string) => SinkTask },
): Reindexer {
  const made = file + suffix
  return {
    areVersionsOffsets: true,
    begin: async () => {
      writeFileSync(made, '')
      return [file]
    },
    task: () => task(made),
    swap: async () => {
      const lacking = linesIn(`${file}.fewer`)
      if (lacking > 0) writeFileSync(`${file}.fewer`, '-\n'.repeat(lacking - 1))
      const [documents, before] = [linesIn(made) - Math.min(lacking, 1), linesIn(file)]
      if (documents < before) {
        throw new ConnectError('connect.reindex-fewer', `The new one has ${documents} lines of ${before}`)
      }
      copyFileSync(file, `${file}.old`)
      renameSync(made, file)
      const old = { index: `${file}.old`, documents: before, isDeleted: false }
      return [{ name: file, index: made, documents, old }]
    },
    tidy: async () => {},
    discard: async () => rmSync(made, { force: true }),
    close: () => {},
  }
}

function linesIn(file: string): number {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0
}
