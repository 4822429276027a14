import { enginesUnderTest } from '../../test/servers/engines.ts'
import { engineSuite } from './testing/engine-suite.ts'

for (const name of enginesUnderTest('elasticsearch-8.7.1', 'elasticsearch')) engineSuite(name)
