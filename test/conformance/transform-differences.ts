/** What becomes of a record, or, with `config`, of all. */
export type Answer = 'dropped' | AnswerParts

export interface AnswerParts {
  readonly dropped?: true
  readonly config?: string
  readonly error?: string
  readonly message?: string
  readonly topic?: string
  readonly partition?: number | null
  readonly timestamp?: number
  readonly key?: string | null
  readonly value?: string | null
  readonly headers?: readonly (readonly [string, string | null])[]
}

export interface Difference {
  readonly why: string
  readonly holds: (reference: AnswerParts, own: AnswerParts) => boolean
}

/** Where an answer may be another than the reference's. */
export const differences: readonly Difference[] = [
  {
    why: 'every failure of a transformation is a DataException, in the same words',
    holds: (reference, own) => own.error === 'DataException' && reference.message === own.message,
  },
  {
    why: 'where Java stumbles over a null or an index, the message says what is wrong, or nothing is',
    holds: ({ error, message = '' }, own) =>
      (error === 'NullPointerException' || message.startsWith('fromIndex(')) &&
      (own.error === 'DataException' || own.error === undefined),
  },
  {
    why: 'a record whose time is missing is named by its topic, not shown',
    holds: ({ message = '' }, own) =>
      message.startsWith('Timestamp missing on record: ') &&
      own.message?.startsWith('Timestamp missing on record: one of topic ') === true,
  },
  {
    why: 'messages about an option without the name of a Java class or object',
    holds: ({ config = '' }, own) =>
      /Invalid regex: |IllegalArgumentException|\$InsertionSpec@/.test(config) && !!own.config,
  },
  {
    why: 'SetSchemaMetadata changes schemas that are no structs, too',
    holds: ({ message }, own) =>
      message === 'Cannot list fields on non-struct type' &&
      (own.error === undefined || /Only Struct objects/.test(own.message ?? '')),
  },
  {
    why: 'a whole Decimal, Date, Time or Timestamp that was cast is written, though its schema has kept the name',
    holds: (reference, own) =>
      /!DataException: Invalid type for /.test(textOf(reference)) && own.error === undefined,
  },
  {
    why: 'of several mistakes another one is told first',
    holds: (reference, own) =>
      (reference.message?.endsWith(' was out of range for requested data type') === true &&
        own.message?.startsWith('Cast transformation does not support casting from') === true) ||
      (/: Empty list$|^Missing required/.test(reference.config ?? '') &&
        /: Empty list$|^Missing required/.test(own.config ?? '')),
  },
  {
    why: 'moments beyond the year 275760 are refused',
    holds: (_, own) => / is beyond the year 275760/.test(own.message ?? ''),
  },
  {
    why: 'floats have the shortest digits, as Java writes them from 19 on',
    holds: (reference, own) =>
      isWhole(reference) && isWhole(own) && shortFloats(textOf(reference)) === shortFloats(textOf(own)),
  },
  {
    why: 'a field that is renamed to the name of another one: the later wins, and a struct without the field stays as it is',
    holds: (reference, own) =>
      reference.message === 's is not a valid field name' ||
      (/"id":1/.test(textOf(reference)) && /"id":"x"/.test(textOf(own))),
  },
  {
    why: 'an empty map is written, as one without schemas of keys and values',
    holds: (reference, own) => /!NullPointerException/.test(textOf(reference)) && own.error === undefined,
  },
]

/** Why the two may differ; undefined where they may not. */
export function differenceOf(
  reference: Answer,
  own: Answer,
  allowed: readonly Difference[],
): string | undefined {
  return allowed.find(({ holds }) => holds(partsOf(reference), partsOf(own)))?.why
}

function partsOf(answer: Answer): AnswerParts {
  return answer === 'dropped' ? { dropped: true } : answer
}

function isWhole({ error, config }: AnswerParts): boolean {
  return error === undefined && config === undefined
}

function textOf({ key, value, headers }: AnswerParts): string {
  return [key, value, ...(headers ?? []).flat()].join('\n')
}

/** Numbers with an exponent, to six digits. */
function shortFloats(text: string): string {
  return text.replace(/\d\.\d+E\d+/g, (digits) => Number(digits).toPrecision(6))
}
