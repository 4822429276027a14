import { call, pathOf } from '../api/client.ts'
import type { TopicRecord } from '../topics/topic-record.ts'

export interface Letter extends TopicRecord {
  readonly origin: {
    readonly topic: string
    readonly partition: number
    readonly offset: number | bigint
  } | null
  readonly connector: string | null
  readonly stage: string | null
  readonly exception: string | null
  readonly message: string | null
  readonly trace: string | null
  readonly mark: { readonly action: 'retried' | 'discarded'; readonly at: number } | null
}

export interface LetterPage {
  readonly records: readonly Letter[]
  readonly before: number | bigint | null
}

export type Outcome = 'retried' | 'marked' | 'superseded' | 'unchecked' | 'homeless' | 'topic-missing'

type Offsets = readonly (number | bigint)[]

export async function retryLetters(topic: string, offsets: Offsets): Promise<readonly Outcome[]> {
  const path = `${pathOf('dead-letters', topic)}/retry`
  return (await call<{ readonly outcomes: readonly Outcome[] }>('POST', path, { body: { offsets } })).outcomes
}

export async function discardLetters(topic: string, offsets: Offsets): Promise<void> {
  await call('POST', `${pathOf('dead-letters', topic)}/discard`, { body: { offsets } })
}
