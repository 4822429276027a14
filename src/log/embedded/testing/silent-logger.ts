import type { TaskLogger } from '../../../api/source-task.ts'

const nothing = (): void => undefined

export const silentLogger: TaskLogger = { debug: nothing, info: nothing, warn: nothing, error: nothing }
