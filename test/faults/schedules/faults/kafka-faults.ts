import { setTimeout as delay } from 'node:timers/promises'
import { openKafkaLog } from '../../../../src/log/kafka/kafka-log.ts'
import { waitFor } from '../../../wait-for.ts'
import type { Bench } from '../bench.ts'
import type { Fault } from '../fault.ts'
import { readTablesAnew } from '../read-anew.ts'

/** One broker is away at a time: with two of three a topic takes records. */
function eachInTurn(bench: Bench, restart: (broker: Bench['kafka'][number]) => Promise<void>): Promise<void> {
  return bench.kafkaLock.run(async () => {
    for (const broker of bench.kafka) {
      await restart(broker)
      await delay(2000)
    }
  })
}

export const KAFKA_FAULTS: readonly Fault[] = [
  {
    name: 'three Kafka brokers restarted one after the other',
    outcome: 'survived',
    log: 'kafka',
    strike: (bench) => eachInTurn(bench, (broker) => broker.restart()),
  },
  {
    name: 'a Kafka broker killed (kill -9), its leaders move',
    outcome: 'survived',
    log: 'kafka',
    strike: (bench, dice) =>
      bench.kafkaLock.run(async () => {
        const broker = dice.pick(bench.kafka)
        await broker.kill()
        await delay(dice.below(8000))
        await broker.restart()
      }),
  },
  {
    name: 'topic deleted in Kafka',
    outcome: 'named',
    log: 'kafka',
    strike: (bench) => topicDeleted(bench, { isMadeAgain: false }),
  },
  {
    name: 'topic deleted in Kafka and made again by somebody else',
    outcome: 'named',
    log: 'kafka',
    strike: (bench) => topicDeleted(bench, { isMadeAgain: true }),
  },
]

async function topicDeleted(bench: Bench, how: { readonly isMadeAgain: boolean }): Promise<void> {
  const { worker, history } = bench
  const topic = bench.topicOf('t0')
  await bench.running()
  await waitFor('records', async () => (await worker.records(topic)) > 0)
  bench.mayFail = true
  const log = await openKafkaLog({
    bootstrapServers: bench.kafka.map(({ bootstrapServers }) => bootstrapServers),
    clientId: 'faults',
    internalTopics: { offsets: { name: 'unused', partitions: 1, property: 'unused' } },
  })
  try {
    await log.deleteTopic(topic)
    if (how.isMadeAgain)
      await log.createTopic({ name: topic, partitions: 1, replicationFactor: bench.kafka.length })
  } finally {
    await log.close()
  }
  const said = await waitFor('the source to name what happened', async () => {
    const { tasks, trace } = await worker.states('source')
    return tasks[0] === 'FAILED' && trace
  })
  if (!said.includes(`Topic ${topic} was deleted`))
    history.trouble(`A deleted topic: the status says ${said}`)
  await readTablesAnew(bench, 'topic deleted', topic)
  bench.mayFail = false
}
