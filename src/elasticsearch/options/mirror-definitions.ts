import type { OptionDefinitions } from '../../api/config-def.ts'
import { enumeration } from './option-validators.ts'

const mirror = { importance: 'MEDIUM', width: 'SHORT', group: 'Mirror' } as const

/** An index that is as its table is. Of tailrace alone. */
export const mirrorDefinitions = {
  mode: {
    type: 'STRING',
    default: 'standard',
    validator: enumeration('standard', 'mirror'),
    ...mirror,
    displayName: 'Mode',
    documentation:
      "With `mirror` an index is kept as its table is: values are Debezium's envelopes (no ExtractNewRecordState), ids are made from keys of any kind, deletes and truncates are carried out, a change of a key moves its document, values that PostgreSQL did not send stay as they are, and an older change never replaces a newer one. With `standard` every value is a document, as in the reference.",
    recommend: () => ['mirror', 'standard'],
  },
  'document.id.form': {
    type: 'STRING',
    default: 'reference',
    validator: enumeration('reference', 'key'),
    ...mirror,
    displayName: 'Document id form',
    documentation:
      'How keys become ids: `reference` takes texts and whole numbers; `key` takes objects too: the value of their one field, or the values of all of them with `|` between. In a composite id `\\`, `|` and null are `\\\\`, `\\|` and `\\N`. mode=mirror implies `key`.',
    recommend: () => ['key', 'reference'],
  },
  'external.version.source': {
    type: 'STRING',
    default: 'lsn',
    validator: enumeration('lsn', 'offset'),
    ...mirror,
    displayName: 'External version source',
    documentation:
      "What decides between two changes of a document in mode=mirror: `lsn`, the change's position in PostgreSQL's log, which holds when topics are made again or read twice; `offset`, the record's place in its topic.",
    recommend: () => ['lsn', 'offset'],
  },
} as const satisfies OptionDefinitions
