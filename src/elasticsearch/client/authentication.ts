import type { sign } from 'aws4'
import { createHash } from 'node:crypto'

/** How a request says who sends it. */
export type Authentication =
  /** `user:password`; null: nobody, unless the node's address has a login. */
  | { readonly kind: 'basic'; readonly credentials: string | null }
  | { readonly kind: 'api-key'; readonly encoded: string }
  | { readonly kind: 'bearer'; readonly token: string }
  | ({ readonly kind: 'aws-sigv4' } & AwsIdentity)

export interface AwsIdentity {
  /** Null: as the address says. */
  readonly region: string | null
  readonly service: 'es' | 'aoss'
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string | null
}

/** What a signature is made of. */
export interface SignedParts {
  readonly method: string
  /** `name:port`, without the protocol's own port. */
  readonly host: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | number>>
  readonly body: Buffer | undefined
}

/** The headers that authenticate a request; made for each one, a signature is good for minutes only. */
export type AuthenticationHeaders = (
  parts: SignedParts,
  ownCredentials: string | null,
) => Readonly<Record<string, string | number>>

/** Loads what the kind needs. */
export async function authenticationHeaders(authentication: Authentication): Promise<AuthenticationHeaders> {
  switch (authentication.kind) {
    case 'basic':
      return (_, own) => {
        const credentials = authentication.credentials ?? own
        if (credentials === null) return {}
        return { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }
      }
    case 'api-key':
      return () => ({ authorization: `ApiKey ${authentication.encoded}` })
    case 'bearer':
      return () => ({ authorization: `Bearer ${authentication.token}` })
    case 'aws-sigv4': {
      const aws4 = await import('aws4')
      return (parts) => awsHeaders(aws4.sign ?? aws4.default.sign, authentication, parts)
    }
  }
}

function awsHeaders(
  signRequest: typeof sign,
  { region, service, accessKeyId, secretAccessKey, sessionToken }: AwsIdentity,
  { method, host, path, headers, body }: SignedParts,
): Readonly<Record<string, string | number>> {
  // The library would hash a body as text; serverless collections want the hash as a header anyway.
  const digest = createHash('sha256')
    .update(body ?? '')
    .digest('hex')
  const signed = signRequest(
    {
      host,
      method,
      path,
      service,
      ...(region !== null && { region }),
      headers: { ...headers, host, 'x-amz-content-sha256': digest },
    },
    { accessKeyId, secretAccessKey, ...(sessionToken !== null && { sessionToken }) },
  )
  return signed.headers as Record<string, string | number>
}
