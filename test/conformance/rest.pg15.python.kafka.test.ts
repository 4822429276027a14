import { restSuite } from './rest-suite.ts'

/** What a group of workers decides together, and what lies in Kafka's topics. */
const KAFKAS =
  /^(create-duplicate|put-config|patch-config|restart|initial-state|offsets-s(ink|ource)$|status-failed|topics-source)/

restSuite('kafka', (name) => KAFKAS.test(name))
