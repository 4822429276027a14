import { recordSuite } from './record-suite.ts'

recordSuite({ postgres: 15, way: 'compiled', log: 'embedded' })
