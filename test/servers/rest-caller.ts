import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { once } from 'node:events'
import { assertNoCanary } from './canary.ts'

export interface RestAnswer {
  readonly status: number
  readonly text: string
}

/** Requests of a test to its search server, over TLS and with a login where that has them. */
export class RestCaller {
  readonly #url: string
  readonly #access: { readonly authority: string; readonly user: string; readonly password: string } | null

  /** @param access what TLS and the login need; null: there is neither */
  constructor(
    url: string,
    access: { readonly authority: string; readonly user: string; readonly password: string } | null,
  ) {
    this.#url = url
    this.#access = access
  }

  /** Any answer. */
  async call(method: string, path: string, body?: object | string): Promise<RestAnswer> {
    const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)
    // Node sends the length of a DELETE's body only where it is told to.
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
    const options = { method, timeout: 60_000, headers }
    const access = this.#access
    const request =
      access === null
        ? httpRequest(this.#url + path, options)
        : httpsRequest(this.#url + path, {
            ...options,
            ca: access.authority,
            auth: `${access.user}:${access.password}`,
          })
    request.on('timeout', () => request.destroy(new Error(`${method} ${path} was not answered`)))
    request.end(text)
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    let answer = ''
    for await (const chunk of response.setEncoding('utf8')) answer += chunk as string
    assertNoCanary(answer, `what the search server answered to ${method} ${path}`)
    return { status: response.statusCode!, text: answer }
  }

  /** The JSON of a good answer; throws on any other. */
  async json(method: string, path: string, body?: object | string): Promise<unknown> {
    const { status, text } = await this.call(method, path, body)
    if (status >= 300) throw new Error(`${method} ${path} answered ${status}: ${text}`)
    return JSON.parse(text)
  }
}
