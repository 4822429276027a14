import { ConfigDef } from '../../api/config-def.ts'
import { DataError } from '../../api/errors.ts'
import type { ConverterPlugin, HeaderConverterPlugin } from '../../api/plugin.ts'
import { isStruct } from '../../api/struct.ts'
import type { ConnectValue } from '../../api/value.ts'

/** JSON without schemas, as much of it as the tests need. */
export const plainJsonConverter: ConverterPlugin = {
  type: 'converter',
  className: 'test.PlainJsonConverter',
  version: '1',
  configDef: new ConfigDef({
    'schemas.enable': { type: 'BOOLEAN', default: true, importance: 'HIGH', documentation: 'Ignored.' },
  }),
  create: () => ({
    isPlainJson: true,
    fromConnectData: (_topic, schema, value) =>
      value === null && schema === null ? null : Buffer.from(JSON.stringify(plain(value))),
    toConnectData(_topic, bytes) {
      if (bytes === null) return { schema: null, value: null }
      try {
        return { schema: null, value: fromJson(JSON.parse(Buffer.from(bytes).toString())) }
      } catch (cause) {
        throw new DataError('connect.data-invalid', 'Not JSON', { cause })
      }
    },
    compile: (_topic, template) => ({
      kind: 'json',
      prefix: '',
      template,
      suffix: '',
      decimalFormat: 'numeric',
      replaceNullWithDefault: true,
    }),
  }),
}

export const textHeaderConverter: HeaderConverterPlugin = {
  type: 'header_converter',
  className: 'test.TextHeaderConverter',
  version: '1',
  configDef: new ConfigDef({}),
  create: () => ({
    fromConnectHeader: (_topic, { value }) => (value === null ? null : Buffer.from(String(plain(value)))),
    toConnectHeader: (_topic, _name, bytes) => ({
      schema: null,
      value: bytes === null ? null : Buffer.from(bytes).toString(),
    }),
  }),
}

function plain(value: ConnectValue): unknown {
  if (isStruct(value)) {
    const { schema } = value
    return Object.fromEntries(schema.fields!.map(({ name }, i) => [name, plain(value.at(i))]))
  }
  return typeof value === 'bigint' ? Number(value) : value
}

function fromJson(value: unknown): ConnectValue {
  if (typeof value !== 'object' || value === null) return value as ConnectValue
  return new Map(Object.entries(value).map(([name, child]) => [name, fromJson(child)]))
}
