// The runtime sees the log's port only; its tests run on the backend that a single worker uses.
// oxlint-disable-next-line no-restricted-imports
export { attachEmbeddedLog } from '../../log/embedded/attach-embedded-log.ts'
// oxlint-disable-next-line no-restricted-imports
export { openEmbeddedLog, type EmbeddedLog } from '../../log/embedded/embedded-log.ts'
