import { after, before, test } from 'node:test'
import { startKafka, type KafkaServer } from '../servers/kafka.ts'
import { startPostgres, type PostgresServer } from '../servers/postgres.ts'
import { startSearch } from '../servers/search.ts'
import { existingTable } from './walk-through.ts'

let postgres: PostgresServer
let kafka: KafkaServer
before(async () => void ([postgres, kafka] = await Promise.all([startPostgres(), startKafka()])))
after(() => Promise.all([postgres.stop(), kafka.stop()]))

test('the walk-through on Kafka brings rows that are there and changes that come', async () => {
  await using search = await startSearch()
  await existingTable(postgres, search.url, {
    // A new broker makes its topic of group offsets first.
    promisedMs: 10_000,
    env: {
      CONNECT_BOOTSTRAP_SERVERS: kafka.bootstrapServers,
      CONNECT_OFFSET_STORAGE_REPLICATION_FACTOR: '1',
    },
  })
})
