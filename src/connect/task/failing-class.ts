import { SINK_TASK, type ErrorStage } from './error-tolerance.ts'
import type { RecordConverters } from './record-converters.ts'
import type { TransformationChain } from './transformation-chain.ts'

/** The class at work in a stage, as reports of errors name it. */
export function failingClass(
  stage: ErrorStage,
  { classNames }: RecordConverters,
  chain: TransformationChain,
): string {
  switch (stage) {
    case 'KEY_CONVERTER':
      return classNames.key
    case 'VALUE_CONVERTER':
      return classNames.value
    case 'HEADER_CONVERTER':
      return classNames.header
    case 'TRANSFORMATION':
      return chain.currentClassName
    case 'TASK_PUT':
      return SINK_TASK
  }
}
