import { isBoolean } from './checks.ts'
import type { PostgresOptionDefinitions } from './option-definition.ts'

const form = {
  type: 'STRING',
  default: 'reference',
  importance: 'LOW',
  group: 'Value forms',
  width: 'MEDIUM',
} as const

/** Forms of values that go past the reference: tailrace's own, and off unless they are asked for. */
export const formDefinitions = {
  'value.numeric.form': {
    ...form,
    allowed: ['reference', 'number'],
    displayName: 'Form of decimals',
    documentation:
      'number: numeric and money are JSON numbers with all their digits, whatever decimal.handling.mode says.',
  },
  'value.time.form': {
    ...form,
    allowed: ['reference', 'iso'],
    displayName: 'Form of times',
    documentation:
      'iso: date, time and timestamp are ISO 8601 text without a zone, whatever time.precision.mode says.',
  },
  'value.json.form': {
    ...form,
    allowed: ['reference', 'object'],
    displayName: 'Form of json',
    documentation: 'object: json and jsonb are the JSON that they hold, not text.',
  },
  'value.hstore.form': {
    ...form,
    allowed: ['reference', 'object'],
    displayName: 'Form of hstore',
    documentation: 'object: hstore is a JSON object, whatever hstore.handling.mode says.',
  },
  'value.composite.form': {
    ...form,
    allowed: ['reference', 'struct'],
    displayName: 'Form of composite types',
    documentation: 'struct: composite types are objects of their attributes; otherwise they are left out.',
  },
  'value.array.form': {
    ...form,
    allowed: ['reference', 'all', 'nested'],
    displayName: 'Form of arrays',
    documentation:
      'all: arrays of every element type are there, those of domains and composite types too. nested: so, and with all their dimensions.',
  },
  'generated.columns': {
    ...form,
    default: 'as_sent',
    allowed: ['as_sent', 'omit'],
    displayName: 'Generated columns',
    documentation:
      'omit: columns that PostgreSQL computes are in no record. Otherwise they are in those of the snapshot, and in later ones only if the publication says so (PostgreSQL 18).',
  },
  'unchanged.values.header': {
    ...form,
    type: 'BOOLEAN',
    default: false,
    checks: [isBoolean],
    displayName: 'Header of unchanged values',
    documentation:
      'Whether the header tailrace.unchanged names the fields whose values PostgreSQL did not send, because they did not change.',
  },
} as const satisfies PostgresOptionDefinitions
