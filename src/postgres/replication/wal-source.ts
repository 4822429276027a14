/** Where the messages of pgoutput come from: a walsender, or SQL. */
export interface WalSource {
  /** Stops handing out messages after the one at hand. */
  hold(): void
  release(): void
  /** All before `flushed` is durable. @param wantsReply how far has the server sent? */
  sendStatus(received: bigint, flushed: bigint, wantsReply: boolean): void
  /** Lets go of the server at once. */
  close(): void
}
