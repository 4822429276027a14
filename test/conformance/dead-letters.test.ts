import { deadLetterSuite } from './dead-letter-suite.ts'

deadLetterSuite('embedded')
