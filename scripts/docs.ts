// npm run docs: writes the pages of docs/ that come from the code.
import { writeFileSync } from 'node:fs'
import { errorPage } from './error-page.ts'

writeFileSync(new URL('../docs/errors.md', import.meta.url), errorPage())
