import { ConnectError } from '../../api/errors.ts'

/** The server (or whatever answers at its address) sent bytes that PostgreSQL's protocol does not allow here. */
export class ProtocolError extends ConnectError {
  constructor(message: string) {
    super('postgres.protocol', `PostgreSQL sent something that tailrace cannot read: ${message}`)
  }
}
