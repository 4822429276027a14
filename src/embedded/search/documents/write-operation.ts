import { validationFailed, illegalArgument } from '../search-error.ts'

export type VersionType = 'internal' | 'external' | 'external_gte'

export interface WriteConditions {
  /** Given with an external version type only. */
  readonly version?: bigint | undefined
  readonly versionType: VersionType
  readonly ifSeqNo?: number | undefined
  readonly ifPrimaryTerm?: number | undefined
}

export interface SourceWrite extends WriteConditions {
  readonly kind: 'index' | 'create'
  readonly id: string
  readonly source: string
}

export interface DeleteWrite extends WriteConditions {
  readonly kind: 'delete'
  readonly id: string
}

export interface UpdateWrite extends WriteConditions {
  readonly kind: 'update'
  readonly id: string
  /** JSON text of the fields to change; undefined where a script was sent instead. */
  readonly doc: string | undefined
  /** JSON text of what is stored where there is no such document. */
  readonly upsert: string | undefined
  readonly hasScript: boolean
  readonly detectNoop: boolean
}

export type WriteOperation = SourceWrite | DeleteWrite | UpdateWrite

export interface WriteResult {
  readonly id: string
  readonly result: 'created' | 'updated' | 'deleted' | 'not_found' | 'noop'
  readonly version: bigint
  readonly seqNo: number
}

const MAX_ID_BYTES = 512

export function parseVersionType(text: string | undefined): VersionType {
  if (text === undefined || text === 'internal') return 'internal'
  if (text === 'external' || text === 'external_gt') return 'external'
  if (text === 'external_gte') return 'external_gte'
  throw illegalArgument(`No version type match [${text}]`)
}

/** What is wrong with an operation before any index is looked at: the whole request is refused for it. */
export function complaintsAbout(operation: WriteOperation): string[] {
  const complaints: string[] = []
  const { id, version, versionType, ifSeqNo } = operation
  if (Buffer.byteLength(id) > MAX_ID_BYTES) {
    complaints.push(
      `id [${id}] is too long, must be no longer than ${MAX_ID_BYTES} bytes but was: ${Buffer.byteLength(id)}`,
    )
  }
  if (operation.kind === 'update') {
    if (operation.doc === undefined && !operation.hasScript) complaints.push('script or doc is missing')
    return complaints
  }
  if (operation.kind === 'create' && versionType !== 'internal') {
    complaints.push('create operations only support internal versioning. use index instead')
  } else if (versionType === 'internal' && version !== undefined) {
    complaints.push(
      'internal versioning can not be used for optimistic concurrency control. Please use `if_seq_no` and `if_primary_term` instead',
    )
  } else if (versionType !== 'internal' && (version === undefined || version < 0n)) {
    complaints.push(
      `illegal version value [${version ?? -3}] for version type [${versionType.toUpperCase()}]`,
    )
  }
  if (ifSeqNo !== undefined && versionType !== 'internal') {
    complaints.push('compare and write operations can not use versioning')
  }
  return complaints
}

export function checkOperation(operation: WriteOperation): void {
  const complaints = complaintsAbout(operation)
  if (complaints.length > 0) throw validationFailed(...complaints)
}
