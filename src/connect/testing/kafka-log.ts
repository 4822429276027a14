// The runtime sees the log's port only; these tests need what topics of Kafka hold.
// oxlint-disable-next-line no-restricted-imports
export { openKafkaLog, type KafkaLog } from '../../log/kafka/kafka-log.ts'
