/** `16/B374D848` as a number: a server of a test does not write more than 8 petabytes. */
export function lsnNumber(text: string): number {
  const [high, low] = text.split('/')
  return parseInt(high!, 16) * 2 ** 32 + parseInt(low!, 16)
}
