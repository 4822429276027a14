import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '../../../../test/properties.ts'
import { matchCost } from './match-cost.ts'
import { parseRegex } from './parse-regex.ts'
import type { RegexNode } from './regex-node.ts'

const atom = fc.constantFrom(
  'a',
  'b',
  '.',
  '[ab]',
  '[^a]',
  '\\.',
  '$',
  '\\b',
  '(?=a)',
  '(?!ab)',
  '(?<=b)',
  '(?=a*b)',
)
const quantifier = fc.constantFrom('*', '+', '?', '*?', '{2}', '{1,3}', '*+')
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    atom,
    fc.tuple(tie('expression'), tie('expression')).map((parts) => parts.join('')),
    fc.tuple(tie('expression'), tie('expression')).map((parts) => `(?:${parts.join('|')})`),
    fc.tuple(tie('expression'), quantifier).map(([body, times]) => `(${body})${times}`),
  ),
}))
const text = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 8 })

test('no text takes more steps than the bound, whatever the expression', () => {
  fc.assert(
    fc.property(expression, text, fc.boolean(), (source, subject, isWhole) => {
      const { root } = parseRegex(source)
      const bound = matchCost(root, { length: subject.length, isWhole })
      const limit = 50_000
      const steps = stepsOf(root, subject, { isWhole, limit })
      assert.ok(steps <= bound || bound >= limit, `${source} with ${subject}: ${steps} steps, bound ${bound}`)
    }),
    { numRuns: 2000 },
  )
})

test('repetitions that can match the same text are endless, others are few', () => {
  const cost = (source: string) => matchCost(parseRegex(source).root, { length: 255, isWhole: true })
  for (const source of ['(a+)+', '(a|a)*', '(\\w+\\s?)*', '(a?)*b', '((?!x)a+)+'])
    assert.ok(cost(source) > 1e30, source)
  for (const source of [
    '[^.]+\\.[^.]+\\.[^.]+',
    '(\\w+\\.)*\\w+',
    '\\w+(\\.\\w+)*',
    '(?:(?!tmp).)*',
    '(ab|cd)*',
  ]) {
    assert.ok(cost(source) < 1e6, `${source}: ${cost(source)}`)
  }
})

/** The steps of an engine that tries one way after the other, counted; it gives up at the limit. */
function stepsOf(
  root: RegexNode,
  subject: string,
  { isWhole, limit }: { isWhole: boolean; limit: number },
): number {
  let steps = 0
  type Next = (at: number) => boolean
  const walk = (node: RegexNode, at: number, isBackwards: boolean, next: Next): boolean => {
    if (++steps > limit) return true
    switch (node.kind) {
      case 'set': {
        const code = subject.codePointAt(isBackwards ? at - 1 : at)
        const fits =
          code !== undefined &&
          node.set.some((from, i) => i % 2 === 0 && from <= code && code <= node.set[i + 1]!)
        return fits && next(isBackwards ? at - 1 : at + 1)
      }
      case 'edge':
        if (node.edge === 'last-line-end') return at === subject.length && next(at)
        return /\w/.test(subject[at - 1] ?? '.') !== /\w/.test(subject[at] ?? '.') && next(at)
      case 'reference':
        return next(at)
      case 'group':
        return walk(node.body, at, isBackwards, next)
      case 'atomic': {
        let end = -1
        walk(node.body, at, isBackwards, (found) => ((end = found), true))
        return end >= 0 && next(end)
      }
      case 'look':
        return walk(node.body, at, node.isBehind, () => true) !== node.isNegative && next(at)
      case 'choice':
        return node.branches.some((branch) => walk(branch, at, isBackwards, next))
      case 'sequence': {
        const parts = isBackwards ? [...node.parts].reverse() : node.parts
        const from = (index: number, place: number): boolean =>
          index === parts.length
            ? next(place)
            : walk(parts[index]!, place, isBackwards, (end) => from(index + 1, end))
        return from(0, at)
      }
      case 'repeat': {
        const round = (done: number, place: number): boolean => {
          const more = (): boolean =>
            done < node.max &&
            walk(
              node.body,
              place,
              isBackwards,
              (end) => (end !== place || done < node.min) && round(done + 1, end),
            )
          const enough = (): boolean => done >= node.min && next(place)
          return node.isLazy ? enough() || more() : more() || enough()
        }
        return round(0, at)
      }
    }
  }
  walk(root, 0, false, (end) => isWhole && end === subject.length && false)
  return steps
}
