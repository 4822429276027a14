import assert from 'node:assert/strict'
import { runCli, type CliResult } from '../../../../test/servers/cli.ts'

const RECORDS = [
  '{"partition":0,"offset":0,"key":"{\\"id\\":1}","value":"{\\"id\\":1,\\"name\\":\\"é\\"}","headers":[["op","c"]]}',
  '{"partition":2,"offset":0,"key":"{\\"id\\":2}","value":null,"headers":[]}',
  '{"partition":2,"offset":1,"key":null,"value":{"base64":"/wA="},"headers":[["none",null]]}',
].join('\n')

/**
 * What `produce` and `consume` must do wherever the topics are: what one prints the other takes.
 *
 * @param place `--url …` or `--bootstrap-server …`
 */
export async function roundTrip(place: readonly string[], topic: string): Promise<void> {
  const tailrace = (args: readonly string[], input?: string): Promise<CliResult> =>
    runCli([...args, ...place], { ...(input !== undefined && { input }) })

  const missing = await tailrace(['produce', topic], RECORDS)
  assert.deepEqual([missing.status, missing.stdout], [1, ''])
  assert.match(
    missing.stderr,
    new RegExp(`^tailrace: There is no topic ${topic}; --partitions 1 creates it\n$`),
  )

  const produced = await tailrace(['produce', topic, '--partitions', '3'], `${RECORDS}\n\n`)
  assert.deepEqual(produced, { status: 0, stdout: '', stderr: '3 records\n' })
  assert.ok((await tailrace(['topics', 'list'])).stdout.split('\n').includes(topic))
  const described = await tailrace(['topics', 'describe', topic])
  assert.match(described.stdout, /partition 0\tstart 0\tend 1\trecords 1\npartition 1\tstart 0\tend 0/)

  const consumed = await tailrace(['consume', topic, '--from-beginning', '--json', '--until-end'])
  assert.deepEqual(consumed, { status: 0, stdout: `${RECORDS}\n`, stderr: '' })

  const copied = await tailrace(
    ['produce', `${topic}-copy`, '--partitions', '1', '--repartition'],
    consumed.stdout,
  )
  assert.deepEqual([copied.status, copied.stderr], [0, '3 records\n'])
  const copy = await tailrace(['consume', `${topic}-copy`, '--from-beginning', '--until-end'])
  assert.equal(copy.stdout, '{"id":1,"name":"é"}\nnull\n/wA=\n')

  const broken = await tailrace(['produce', `${topic}-copy`], '{"value":"4"}\n[]\n')
  assert.equal(broken.status, 1)
  assert.match(broken.stderr, /^tailrace: Line 2 is no JSON object .*the topic has the 1 record before it/)
  const elsewhere = await tailrace(['produce', `${topic}-copy`], '{"partition":7,"value":"5"}\n')
  assert.match(elsewhere.stderr, /has no partition 7 \(records 1 to 1 of the input; the 0 before them/)
  assert.equal(elsewhere.status, 1)
}
