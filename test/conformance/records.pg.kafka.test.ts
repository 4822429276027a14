import { recordSuite } from './record-suite.ts'

/** What may be different where topics are Kafka's: bytes, partitions, headers, offsets, what is read from a topic. */
const KAFKAS =
  /^(converter-|partitioned-|smt-headers|stop-resume|heartbeat|transaction-metadata|incremental-kafka)/

recordSuite({ postgres: 18, way: 'compiled', log: 'kafka', isUsual: (name) => KAFKAS.test(name) })
