/** What `topic.naming.strategy` decides. */
export interface TopicNames {
  /** The topic of a table's changes; its schemas are named after it too. */
  table(schema: string, table: string): string
  /** What is added to the keys of a table, so that tables that share a topic have different ones; null: nothing. */
  keyField(schema: string, table: string): { readonly name: string; readonly value: string } | null
  /** The topic of the records that tell where transactions begin and end. */
  readonly transactions: string
  readonly heartbeats: string
}
