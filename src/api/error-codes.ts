/**
 * Every error code, with what it means and what its reader can do. `docs/errors.md` lists the same codes, and a test
 * holds the two together. A code is `room.what-is-wrong`; it never changes its meaning.
 */
export const errorCodes = {
  'connect.field-unknown':
    'A transformation or converter asked a record for a field that its schema does not have.',
  'connect.config-invalid': 'A connector or worker configuration has errors; the message lists them all.',
  'connect.data-invalid': 'A record cannot be converted or transformed.',
  'embedded.postgres-missing':
    'The embedded PostgreSQL is not installed or does not exist for this platform; use a server of your own.',
  'embedded.postgres-failed':
    'The embedded PostgreSQL did not start or stop; the message has its last words.',
  'embedded.no-unprivileged-user': 'Started as root on a system without an account that servers can run as.',
  'postgres.pattern-invalid':
    'A regular expression in the configuration is wrong, or says what only Java understands.',
} as const

export type ErrorCode = keyof typeof errorCodes
