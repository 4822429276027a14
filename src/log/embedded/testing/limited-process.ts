import { ConnectError } from '../../../api/errors.ts'
import { batchOf } from '../../contract/contract-batches.ts'
import { openEmbeddedLog } from '../embedded-log.ts'

// Appends until the system refuses, then says what the log makes of it. Arguments: the data directory.
const log = await openEmbeddedLog({ dataDir: process.argv[2]! })
await log.createTopic({ name: 't', partitions: 1 })
let acknowledged = 0
let code = ''
while (code === '') {
  try {
    await log.append({ batches: [{ topic: 't', partition: 0, batch: batchOf('x'.repeat(30_000)) }] })
    acknowledged++
  } catch (error) {
    code = error instanceof ConnectError ? error.code : String(error)
  }
}
const endOffset = Number((await log.describeTopic('t'))!.partitions[0]!.endOffset)
process.stdout.write(JSON.stringify({ acknowledged, code, endOffset }))
await log.close()
