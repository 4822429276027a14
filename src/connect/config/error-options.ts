import { validators, type OptionDefinitions } from '../../api/config-def.ts'

const errorGroup = { group: 'Error Handling', importance: 'MEDIUM', width: 'MEDIUM' } as const

/** How a connector treats records that cannot be converted or transformed. */
export const errorOptions = {
  'errors.retry.timeout': {
    ...errorGroup,
    type: 'LONG',
    default: 0n,
    documentation:
      'How long, in milliseconds, a failed conversion or transformation is tried again when its cause may pass; 0 never, -1 without end.',
    displayName: 'Retry timeout for errors',
  },
  'errors.retry.delay.max.ms': {
    ...errorGroup,
    type: 'LONG',
    default: 60_000n,
    documentation: 'The longest delay between two tries, in milliseconds.',
    displayName: 'Maximum delay between retries for errors',
  },
  'errors.tolerance': {
    ...errorGroup,
    type: 'STRING',
    default: 'none',
    validator: validators.oneOf('none', 'all'),
    width: 'SHORT',
    documentation:
      'none: a record that cannot be converted or transformed fails the task. all: it is left out and reported.',
    displayName: 'Error tolerance',
  },
  'errors.log.enable': {
    ...errorGroup,
    type: 'BOOLEAN',
    default: false,
    width: 'SHORT',
    documentation: 'Whether each tolerated error is written to the log.',
    displayName: 'Log errors',
  },
  'errors.log.include.messages': {
    ...errorGroup,
    type: 'BOOLEAN',
    default: false,
    width: 'SHORT',
    documentation: 'Whether the log entry says where the record lies: topic, partition, offset, timestamp.',
    displayName: 'Log error details',
  },
} as const satisfies OptionDefinitions
