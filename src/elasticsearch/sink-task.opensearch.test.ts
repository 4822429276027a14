import { enginesUnderTest } from '../../test/servers/engines.ts'
import { engineSuite } from './testing/engine-suite.ts'

for (const name of enginesUnderTest('opensearch-3.8.0', 'opensearch')) engineSuite(name)
