import { parseSignal, signalData } from '../../../src/postgres/signal/signal.ts'
import { parseSnapshotRequest } from '../../../src/postgres/signal/snapshot-request.ts'
import type { FuzzTarget } from '../fuzz-target.ts'

/** Whatever somebody puts into a signal is understood, or refused in words: nothing here fails by its own mistake. */
export async function open(): Promise<FuzzTarget> {
  return {
    seeds: [
      { id: '1', type: 'execute-snapshot', data: { 'data-collections': ['public.t'], type: 'INCREMENTAL' } },
      {
        id: 2,
        type: 'execute-snapshot',
        data: JSON.stringify({
          'data-collections': ['public\\.(a|b)', 'c'],
          'additional-conditions': [{ 'data-collection': 'public.a', filter: 'id > 5' }],
          'surrogate-key': 'id',
          type: 'blocking',
        }),
      },
      { id: null, type: 'log', data: { message: 'at {}' } },
    ].map((signal) => Buffer.from(JSON.stringify(signal))),
    words: ['null', '[]', '{}', '[null]', '""', '"data-collections":', '(?i)', '[', '(', '*', '\\\\Q'],
    run(input) {
      try {
        parseSnapshotRequest(signalData(parseSignal(input.toString())))
      } catch (error) {
        // `SyntaxError` is what `JSON.parse` says, in words that can be shown.
        if (!(error instanceof Error) || error instanceof TypeError || error instanceof RangeError)
          throw error
      }
    },
  }
}
