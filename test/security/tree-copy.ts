import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { Protection } from './protection.ts'

/** Large, made by tools, or none of the program's. `dist` comes along: what was built need not be built again. */
const LEFT_OUT = new Set(['node_modules', '.git', '.cache', '.tailrace'])

/** A copy of this checkout, from which protections are taken out: the checkout itself is never touched. */
export class TreeCopy implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'tailrace-threats-'))
  readonly #from: string

  /** @param from the root of the checkout */
  constructor(from: string) {
    this.#from = from
    cpSync(from, this.path, { recursive: true, filter: (path) => !LEFT_OUT.has(basename(path)) })
    symlinkSync(join(from, 'node_modules'), join(this.path, 'node_modules'))
  }

  /** Takes a protection out until the answer is disposed of. Throws where what is to be changed is not there once. */
  without({ changes }: Protection): Disposable {
    const files = new Map<string, string>()
    for (const { file, text, instead } of changes) {
      const before = files.get(file) ?? readFileSync(join(this.#from, file), 'utf8')
      const [first, second, ...others] = before.split(text)
      if (second === undefined || others.length > 0) throw new Error(`Not once in ${file}: ${text}`)
      files.set(file, `${first!}${instead}${second}`)
    }
    for (const [file, text] of files) writeFileSync(join(this.path, file), text)
    const back = (): void => {
      for (const file of files.keys()) cpSync(join(this.#from, file), join(this.path, file))
    }
    return { [Symbol.dispose]: back }
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}
