/** Where the messages of pgoutput come from: a walsender, or SQL. */
export interface WalSource {
  /** Stops handing out messages after the one at hand. */
  hold(): void
  release(): void
  /**
   * @param written all changes before it are in topics: the server shows it as `write_lsn`
   * @param flushed so says an offset, too: nothing before it has to be streamed again
   * @param wantsReply how far has the server sent?
   */
  sendStatus(written: bigint, flushed: bigint, wantsReply: boolean): void
  /** Lets go of the server at once. */
  close(): void
}
