import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseProperties } from '../../api/java/java-properties.ts'
import { propertiesFromEnvironment } from './worker-properties.ts'

describe('a properties file', () => {
  const table: readonly (readonly [string, string, Record<string, string>])[] = [
    ['equals signs, colons and blanks', 'a=1\nb: 2\nc 3\nd', { a: '1', b: '2', c: '3', d: '' }],
    ['comments and blank lines', '# x\n! y\n\n  # z\na=1', { a: '1' }],
    [
      'values with separators in them',
      'listeners=http://:8083\nx = a = b ',
      { listeners: 'http://:8083', x: 'a = b ' },
    ],
    ['lines that go on', 'plugins=a,\\\n    b\nc=d\\\\', { plugins: 'a,b', c: 'd\\' }],
    ['escapes', 'a\\ b=\\u00e9\\t\\=', { 'a b': 'é\t=' }],
    ['the last of two lines', 'a=1\r\na=2', { a: '2' }],
    ['a name that JavaScript has a use for', '__proto__=1', Object.fromEntries([['__proto__', '1']])],
  ]
  for (const [what, text, expected] of table) {
    it(`may have ${what}`, () => assert.deepEqual(parseProperties(text), expected))
  }
})

it('takes properties from CONNECT_ variables as the container images do', () => {
  assert.deepEqual(
    propertiesFromEnvironment({
      CONNECT_KEY_CONVERTER: 'a',
      CONNECT_VALUE_CONVERTER_SCHEMAS_ENABLE: 'false',
      CONNECT_WITH__UNDERSCORE: '1',
      CONNECT_WITH___DASH: '2',
      HOME: '/root',
    }),
    {
      'key.converter': 'a',
      'value.converter.schemas.enable': 'false',
      with_underscore: '1',
      'with-dash': '2',
    },
  )
})
