import fc from 'fast-check'
import { freshSeed } from './fresh-seed.ts'

fc.configureGlobal({ seed: freshSeed })

export default fc
