/**
 * Every error code, with what it means and what its reader can do. `docs/errors.md` lists the same codes, and a test
 * holds the two together. A code is `room.what-is-wrong`; it never changes its meaning.
 */
export const errorCodes = {
  'connect.field-unknown':
    'A transformation or converter asked a record for a field that its schema does not have.',
  'connect.config-invalid': 'A connector or worker configuration has errors; the message lists them all.',
  'connect.data-invalid': 'A record cannot be converted or transformed.',
} as const

export type ErrorCode = keyof typeof errorCodes
