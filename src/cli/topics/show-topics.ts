import { NotFoundError } from '../../api/errors.ts'
import { openTopicClient, type TopicPlace } from './topic-client.ts'

export async function listTopics(place: TopicPlace): Promise<void> {
  await using topics = await openTopicClient(place)
  for (const name of await topics.list()) console.log(name)
}

export async function describeTopic(place: TopicPlace, name: string): Promise<void> {
  await using topics = await openTopicClient(place)
  const topic = await topics.describe(name)
  if (topic === null) throw new NotFoundError('log.topic-unknown', `There is no topic ${name}`)
  console.log(topic.name)
  for (const { partition, start_offset: start, end_offset: end } of topic.partitions) {
    console.log(`partition ${partition}\tstart ${start}\tend ${end}\trecords ${end - start}`)
  }
}
