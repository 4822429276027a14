import type { Protection } from './protection.ts'
import { browsers } from './protections/browsers.ts'
import { gettingIn } from './protections/getting-in.ts'
import { requests } from './protections/requests.ts'
import { secrets } from './protections/secrets.ts'
import { setup } from './protections/setup.ts'
import { sentData } from './protections/sent-data.ts'

/** In the order of docs/threat-model.md. */
export const PROTECTIONS: readonly Protection[] = [
  ...gettingIn,
  ...browsers,
  ...secrets,
  ...sentData,
  ...requests,
  ...setup,
]
