import assert from 'node:assert/strict'
import { test } from 'node:test'
import { JavaKeyOrder } from './java-key-order.ts'

const KEYS =
  'public.t public.v public.u public.orders public.customers a.b public.orders_1 public.items é.x'.split(' ')

test('keys come in the order of a HashMap, which remembers how large it was', () => {
  const order = new JavaKeyOrder()
  assert.equal(
    order.of(KEYS).join(' '),
    'public.items é.x a.b public.orders_1 public.t public.orders public.customers public.u public.v',
  )
  const more = Array.from({ length: 14 }, (_, i) => `public.t${i}`)
  order.of([...KEYS, ...more])
  assert.deepEqual(order.of(['public.t', 'public.v', 'public.u']), ['public.u', 'public.v', 'public.t'])
})
