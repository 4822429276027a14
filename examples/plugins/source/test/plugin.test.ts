import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isStruct, type JsonObject, type SourceTaskContext } from 'tailrace/api'
import { exampleSource, ExampleSourceTask } from '../src/plugin.ts'

const config = { topic: 't', 'interval.ms': '1' }

/** Only what this task uses of the worker. */
function contextWith(stored: JsonObject | null, signal: AbortSignal): SourceTaskContext {
  return { signal, offset: async () => stored } as unknown as SourceTaskContext
}

async function numbersOf(stored: JsonObject | null, count: number): Promise<unknown[]> {
  const task = new ExampleSourceTask()
  await task.start(config, contextWith(stored, new AbortController().signal))
  const numbers: unknown[] = []
  while (numbers.length < count) {
    for (const part of (await task.poll())?.parts ?? []) {
      if (part.kind !== 'records') continue
      for (const { value } of part.records) if (isStruct(value)) numbers.push(value.get('number'))
    }
  }
  await task.stop()
  return numbers
}

test('it counts from 0, and goes on behind the stored offset', async () => {
  assert.deepEqual(await numbersOf(null, 3), [0n, 1n, 2n])
  assert.deepEqual(await numbersOf({ number: 41 }, 2), [42n, 43n])
})

test('a task that is to stop gives nothing more', async () => {
  const task = new ExampleSourceTask()
  await task.start({ ...config, 'interval.ms': '60000' }, contextWith(null, AbortSignal.abort()))
  assert.equal(await task.poll(), null)
})

test('wrong options are refused by name', () => {
  const errors = exampleSource.configDef.validate({ 'interval.ms': '0' }).flatMap((option) => option.errors)
  assert.deepEqual(errors, [
    'Missing required configuration "topic" which has no default value.',
    'Invalid value 0 for configuration interval.ms: Value must be at least 1',
  ])
})
