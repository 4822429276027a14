/** The consumer group of a sink connector, as the reference names it. */
export function sinkGroup(connector: string): string {
  return `connect-${connector}`
}
