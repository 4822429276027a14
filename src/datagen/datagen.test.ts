import assert from 'node:assert/strict'
import { test } from 'node:test'
import { javaText } from '../api/java/java-text.ts'
import type { JsonObject, SourceRecord } from '../api/record.ts'
import type { SourceTaskContext } from '../api/source-task.ts'
import { datagenConfigDef, datagenSourceConnector } from './source-connector.ts'
import { DatagenSourceTask } from './source-task.ts'

/** What one poll after the other gives, until so many records are there. */
async function records(
  config: Record<string, string>,
  most: number,
  stored: JsonObject | null = null,
  taskId = 0,
): Promise<{ readonly records: readonly SourceRecord[]; readonly offset: JsonObject }> {
  const stopping = new AbortController()
  const task = new DatagenSourceTask()
  const context = { taskId, signal: stopping.signal, offset: async () => stored }
  await task.start(config, context as unknown as SourceTaskContext)
  const made: SourceRecord[] = []
  let offset: JsonObject = {}
  while (made.length < most) {
    const batch = await task.poll()
    assert.ok(batch !== null)
    for (const part of batch.parts) if (part.kind === 'records') made.push(...part.records)
    offset = batch.offset
  }
  stopping.abort()
  return { records: made, offset }
}

const fast = { 'max.interval': '0' }
const shown = ({ records }: { readonly records: readonly SourceRecord[] }) =>
  records.map(({ topic, keySchema, key, valueSchema, value }) =>
    [topic, javaText(keySchema, key), javaText(valueSchema, value)].join(' '),
  )

test('each quickstart makes records of its own schema', async () => {
  const first = async (quickstart: string) =>
    shown(await records({ ...fast, quickstart, iterations: '1' }, 1))[0]!
  assert.match(
    await first('orders'),
    /^orders 0 Struct\{ordertime=\d{13},orderid=0,itemid=Item_\d+,orderunits=[\d.]+,address=Struct\{city=\w+,state=State_\d+,zipcode=\d{5}\}\}$/,
  )
  assert.match(
    await first('USERS'),
    /^users User_(\d) Struct\{registertime=\d{13},userid=User_\1,regionid=Region_\d,gender=(MALE|FEMALE|OTHER)\}$/,
  )
  assert.match(await first('pageviews'), /^pageviews 1 Struct\{viewtime=1,userid=User_\d,pageid=Page_\d\d\}$/)
})

test('the same seed gives the same records, also when the task goes on after a restart', async () => {
  const config = { ...fast, quickstart: 'users', iterations: '100', 'kafka.topic': 't' }
  const all = await records(config, 100)
  assert.deepEqual(all.offset, { iteration: 100 })
  assert.equal(new Set(shown(all)).size, 100)
  assert.deepEqual(shown(await records(config, 100)), shown(all))
  assert.deepEqual(shown(await records(config, 60, { iteration: 40 })), shown(all).slice(40))
  assert.notDeepEqual(shown(await records({ ...config, 'random.seed': '2' }, 100)), shown(all))
  assert.notDeepEqual(shown(await records(config, 100, null, 1)), shown(all))
})

test('a steady rate is kept', async () => {
  const started = performance.now()
  const made = await records({ 'records.per.second': '500' }, 100)
  const seconds = (performance.now() - started) / 1000
  // Where the machine stalls, the rate makes up for it.
  const most = 500 * seconds + 50
  assert.ok(seconds > 0.15 && made.records.length < most, `${made.records.length} in ${seconds} s`)
})

test('every task is told its part, and wrong options are refused', () => {
  assert.equal(datagenSourceConnector.taskConfigs({}, 3).length, 3)
  const errors = (config: Record<string, string>) =>
    datagenConfigDef.validate(config).flatMap((state) => state.errors)
  assert.match(errors({ quickstart: 'inventory' })[0]!, /must be one of .*: ORDERS, USERS, PAGEVIEWS$/)
  assert.deepEqual(errors({ iterations: '-2' }), [
    'Invalid value -2 for configuration iterations: Value must be at least -1',
  ])
})
