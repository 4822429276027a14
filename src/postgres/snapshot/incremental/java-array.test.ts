import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readJavaArray, writeJavaArray, type JavaArrayValue } from './java-array.ts'

const INTEGER =
  '737200116a6176612e6c616e672e496e746567657212e2a0a4f781873802000149000576616c7565787200106a6176612e6c616e672e4e756d62657286ac951d0b94e08b0200007870'
const ARRAY = 'aced0005757200135b4c6a6176612e6c616e672e4f626a6563743b90ce589f1073296c0200007870'

/** What `ObjectOutputStream` of Java 17 writes. */
const CASES: readonly (readonly [name: string, values: readonly JavaArrayValue[] | null, hex: string])[] = [
  ['no array', null, 'aced000570'],
  ['an integer', [{ typeName: 'int4', text: '1' }], `${ARRAY}00000001${INTEGER}00000001`],
  [
    'integers and strings',
    [
      { typeName: 'int4', text: '1' },
      { typeName: 'int2', text: '2' },
      { typeName: 'text', text: 'a' },
      { typeName: 'varchar', text: 'b' },
    ],
    `${ARRAY}00000004${INTEGER}000000017371007e0002000000027400016174000162`,
  ],
  [
    'a null in between',
    [
      { typeName: 'int4', text: '1' },
      { typeName: 'text', text: null },
      { typeName: 'text', text: 'x' },
    ],
    `${ARRAY}00000003${INTEGER}000000017074000178`,
  ],
  [
    'a long beside an integer and a string beyond ASCII',
    [
      { typeName: 'int8', text: '5' },
      { typeName: 'int4', text: '1' },
      { typeName: 'text', text: 'é' },
    ],
    `${ARRAY}000000037372000e6a6176612e6c616e672e4c6f6e673b8be490cc8f23df0200014a000576616c7565787200106a6176612e6c616e672e4e756d62657286ac951d0b94e08b02000078700000000000000005737200116a6176612e6c616e672e496e746567657212e2a0a4f781873802000149000576616c75657871007e000300000001740002c3a9`,
  ],
  [
    'a boolean and floats',
    [
      { typeName: 'bool', text: 't' },
      { typeName: 'float4', text: '1.5' },
      { typeName: 'float8', text: '2.5' },
    ],
    `${ARRAY}00000003737200116a6176612e6c616e672e426f6f6c65616ecd207280d59cfaee0200015a000576616c75657870017372000f6a6176612e6c616e672e466c6f6174daedc9a2db3cf0ec02000146000576616c7565787200106a6176612e6c616e672e4e756d62657286ac951d0b94e08b02000078703fc00000737200106a6176612e6c616e672e446f75626c6580b3c24a296bfb0402000144000576616c75657871007e00054004000000000000`,
  ],
  [
    'a UUID',
    [{ typeName: 'uuid', text: '00112233-4455-6677-8899-aabbccddeeff' }],
    `${ARRAY}000000017372000e6a6176612e7574696c2e55554944bc9903f7986d852f0200024a000c6c65617374536967426974734a000b6d6f73745369674269747378708899aabbccddeeff0011223344556677`,
  ],
  [
    'decimals',
    [
      { typeName: 'numeric', text: '1.50' },
      { typeName: 'numeric', text: '-123456789012345678901234.5' },
      { typeName: 'numeric', text: '0' },
    ],
    `${ARRAY}00000003737200146a6176612e6d6174682e426967446563696d616c54c71557f981284f0300024900057363616c654c0006696e7456616c7400164c6a6176612f6d6174682f426967496e74656765723b787200106a6176612e6c616e672e4e756d62657286ac951d0b94e08b020000787000000002737200146a6176612e6d6174682e426967496e74656765728cfc9f1fa93bfb1d030006490008626974436f756e744900096269744c656e67746849001366697273744e6f6e7a65726f427974654e756d49000c6c6f776573745365744269744900067369676e756d5b00096d61676e69747564657400025b427871007e0004fffffffffffffffffffffffefffffffe00000001757200025b42acf317f8060854e00200007870000000019678787371007e0002000000017371007e0006fffffffffffffffffffffffefffffffeffffffff7571007e00090000000b01056e0f36a6443de2df7978787371007e0002000000007371007e0006fffffffffffffffffffffffefffffffe000000007571007e0009000000007878`,
  ],
]

for (const [name, values, hex] of CASES) {
  test(`${name}: the bytes of Java, and back`, () => {
    assert.equal(writeJavaArray(values), hex)
    assert.deepEqual(readJavaArray(hex), values?.map(({ text }) => text) ?? null)
  })
}

test('an object of another class, and bytes that end early, are refused', () => {
  const date = `${ARRAY}000000017372000d6a6176612e73716c2e4461746514fa46683f3566970200007872000e6a6176612e7574696c2e44617465`
  assert.throws(() => readJavaArray(date), /not known here/)
  assert.throws(() => readJavaArray(CASES[1]![2].slice(0, -4)), /ends early/)
  assert.throws(() => readJavaArray('00'), /not a serialized Java object/)
})
