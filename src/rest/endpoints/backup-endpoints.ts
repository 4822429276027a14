import { ConfigError } from '../../api/errors.ts'
import type { JsonObject } from '../../api/record.ts'
import type { Backups, BackupState } from '../../connect/backups.ts'
import { ok, type Endpoint } from '../endpoint.ts'
import { jsonBody, objectOf } from '../json-body.ts'

/** Copies of the data directory, made while the worker runs. */
export function backupEndpoints(backups: Backups): readonly Endpoint[] {
  const path = '/admin/backup'
  return [
    {
      method: 'POST',
      path,
      handle(request) {
        const { directory } = objectOf(jsonBody(request.body), 'The request')
        if (typeof directory !== 'string') {
          throw new ConfigError('rest.request-invalid', 'The field "directory" must be text')
        }
        return { status: 202, body: backupJson(backups.start(directory)) }
      },
    },
    { method: 'GET', path, handle: () => ok(backupJson(backups.state())) },
    {
      method: 'DELETE',
      path,
      async handle() {
        await backups.stop()
        return { status: 204 }
      },
    },
  ]
}

function backupJson(state: BackupState): JsonObject {
  switch (state.state) {
    case 'RUNNING':
      return { ...state, progress: { phase: 'copying', ...state.progress } }
    case 'COMPLETED':
      return { ...state, result: { ...state.result } }
    case 'FAILED':
      return { ...state }
  }
}
