import { recordSuite } from './record-suite.ts'

/** What tells nothing about values: how connectors are run, and transformations that cannot be compiled in any case. */
const ELSEWHERE = /^(smt-|snapshot-|stop-|restart-|config-|many-rows|outbox|publication-)/

recordSuite({ postgres: 18, way: 'general', log: 'embedded', isUsual: (name) => !ELSEWHERE.test(name) })
