import { call } from './worker-client.ts'

interface TopicAnswer {
  readonly name: string
  readonly partitions: readonly {
    readonly partition: number
    readonly start_offset: number
    readonly end_offset: number
  }[]
}

export async function listTopics(url: string): Promise<void> {
  const topics = (await call(url, 'GET', '/topics')) as readonly (string | { readonly name: string })[]
  for (const topic of topics) console.log(typeof topic === 'string' ? topic : topic.name)
}

export async function describeTopic(url: string, name: string): Promise<void> {
  const topic = (await call(url, 'GET', `/topics/${encodeURIComponent(name)}`)) as TopicAnswer
  console.log(topic.name)
  for (const { partition, start_offset: start, end_offset: end } of topic.partitions) {
    console.log(`partition ${partition}\tstart ${start}\tend ${end}\trecords ${end - start}`)
  }
}
