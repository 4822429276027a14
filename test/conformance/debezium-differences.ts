import type { AnswerParts, Difference } from './transform-differences.ts'

/** Where an answer may be another than that of Debezium's transformations. */
export const debeziumDifferences: readonly Difference[] = [
  {
    why: 'what is refused is refused in words of our own, a configuration when the connector is made',
    holds: (reference, own) => isRefused(reference) && isRefused(own),
  },
  {
    why: 'where Java stumbles over a null, the record passes as it is',
    holds: ({ error }, own) => error === 'NullPointerException' && !isRefused(own),
  },
  {
    why: 'a struct of the envelope that is added as a whole keeps its fields',
    holds: (reference, own) =>
      !isRefused(own) &&
      (reference.message === 'Struct schemas do not match.' ||
        /Mismatching schema\.|"fields":\[\],"optional":true,"name":"event\.block"/.test(textOf(reference))),
  },
  {
    why: 'options that mean nothing are refused',
    holds: (reference, own) =>
      !isRefused(reference) && /^(Invalid value|A comma-separated)/.test(own.config ?? ''),
  },
  {
    why: 'arrays of JSON are taken apart too, and what cannot be stays the text that it is',
    holds: (reference, own) =>
      !isRefused(own) &&
      (/for field: "payload"|field payload cannot be null/.test(reference.message ?? '') ||
        /Invalid type for (ARRAY|STRUCT): class java\.lang\.String|"schema":null,"payload":"\[/.test(
          textOf(reference),
        )),
  },
  {
    why: 'names in JSON stay as they are: adjusted ones lose their values',
    holds: (reference, own) => /c_d/.test(textOf(reference)) && /c-d/.test(textOf(own)),
  },
  {
    why: 'JSON that something follows is no JSON',
    holds: (_, own) => /\} trailing/.test(textOf(own)),
  },
  {
    why: 'a header that lists no fields to drop is no harm where no row is left; neither is a key that is no struct',
    holds: ({ error, message }, own) =>
      !isRefused(own) &&
      (error === 'ClassCastException' || message === 'Cannot list fields on non-struct type'),
  },
  {
    why: 'a change without a block of the transaction is routed by its columns',
    holds: (reference, own) =>
      reference.message?.startsWith('Unprocessable message ') === true && !isRefused(own),
  },
  {
    why: 'a field that needs a block of the transaction is asked for of deletes of nothing, too',
    holds: (reference, own) =>
      !isRefused(reference) && own.message?.endsWith('the record has no transaction') === true,
  },
]

function isRefused({ error, config }: AnswerParts): boolean {
  return error !== undefined || config !== undefined
}

function textOf({ value, headers }: AnswerParts): string {
  return [value, ...(headers ?? []).flat()].join('\n')
}

/** The same for geometries and large columns. */
export const debeziumValueDifferences: readonly Difference[] = [
  {
    why: 'whether a geometry becomes EWKB does not depend on those before it',
    holds: ({ value }, own) =>
      wkbLengths(value).join() === '21,21' && wkbLengths(own.value).join() === '21,25',
  },
  {
    why: 'a geometry that ends too early is told as such',
    holds: ({ error }, own) =>
      error === 'BufferUnderflowException' &&
      /^A geometry of \d+ bytes ends too early$/.test(own.message ?? ''),
  },
  {
    why: 'columns are cut between characters',
    holds: ({ value }, own) => /\\uD83D"/.test(value ?? '') && !/\\uD83D"/.test(own.value ?? '\\uD83D"'),
  },
  {
    why: 'decimals are left alone, and so are keys that are no structs',
    holds: ({ error }, own) => error === 'ClassCastException' && !isRefused(own),
  },
]

/** How many bytes the geometries of a change have. */
function wkbLengths(value: string | null | undefined): readonly number[] {
  return [...(value ?? '').matchAll(/"wkb":"([^"]*)"/g)].map(
    ([, text]) => Buffer.from(text!, 'base64').length,
  )
}
