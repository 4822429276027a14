/** The sink's options of a search server's address, with the login that is in it. */
export function searchConnection(address: string): Record<string, string> {
  const url = new URL(address)
  const { username, password } = url
  url.username = url.password = ''
  return {
    'connection.url': url.href.replace(/\/+$/, ''),
    ...(username === ''
      ? {}
      : {
          'connection.username': decodeURIComponent(username),
          'connection.password': decodeURIComponent(password),
        }),
  }
}
