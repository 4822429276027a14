/** What Java takes for a scheme; `127.0.0.1:9200` has none, so that it is no address without `http://`. */
const NAME_AND_PORT = /^(?:[A-Za-z][\w.+-]*:\d+|[\w.-]+)\/?$/

/** An entry of `connection.url`: an address, or a host, with its port perhaps, that speaks HTTP; null: neither. */
export function nodeUrl(text: string): URL | null {
  const url = URL.parse(NAME_AND_PORT.test(text) ? `http://${text}` : text)
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url : null
}
