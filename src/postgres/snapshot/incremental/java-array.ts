/**
 * Keys as Debezium keeps them in source offsets: a Java `Object[]`, serialized, in hexadecimal. Only the classes that
 * key columns have; a value of any other type is kept as a `String`.
 */

/** A key's value: PostgreSQL's text of it, and the name of its type. */
export interface JavaArrayValue {
  readonly typeName: string
  readonly text: string | null
}

const MAGIC = 'aced0005'
const TC = {
  null: 0x70,
  reference: 0x71,
  classDesc: 0x72,
  object: 0x73,
  string: 0x74,
  array: 0x75,
  end: 0x78,
}
const FIRST_HANDLE = 0x7e0000

/** A class as its objects name it. Fields: the type's letter, and what comes after the name for object types. */
interface JavaClass {
  readonly name: string
  readonly id: string
  /** 2: serializable; 3: with data written by the class itself, which ends with a mark. */
  readonly flags: 2 | 3
  readonly fields: readonly (readonly [type: string, name: string, className?: string])[]
  readonly parent: JavaClass | null
}

function javaClass(
  name: string,
  id: string,
  more: Partial<Pick<JavaClass, 'flags' | 'fields' | 'parent'>> = {},
): JavaClass {
  return { name, id, flags: 2, fields: [], parent: null, ...more }
}

const NUMBER = javaClass('java.lang.Number', '86ac951d0b94e08b')
const OBJECTS = javaClass('[Ljava.lang.Object;', '90ce589f1073296c')
const BYTES = javaClass('[B', 'acf317f8060854e0')
const INTEGER = javaClass('java.lang.Integer', '12e2a0a4f7818738', {
  fields: [['I', 'value']],
  parent: NUMBER,
})
const LONG = javaClass('java.lang.Long', '3b8be490cc8f23df', { fields: [['J', 'value']], parent: NUMBER })
const FLOAT = javaClass('java.lang.Float', 'daedc9a2db3cf0ec', { fields: [['F', 'value']], parent: NUMBER })
const DOUBLE = javaClass('java.lang.Double', '80b3c24a296bfb04', { fields: [['D', 'value']], parent: NUMBER })
const BOOLEAN = javaClass('java.lang.Boolean', 'cd207280d59cfaee', { fields: [['Z', 'value']] })
const UUID = javaClass('java.util.UUID', 'bc9903f7986d852f', {
  fields: [
    ['J', 'leastSigBits'],
    ['J', 'mostSigBits'],
  ],
})
const BIG_INTEGER = javaClass('java.math.BigInteger', '8cfc9f1fa93bfb1d', {
  flags: 3,
  fields: [
    ['I', 'bitCount'],
    ['I', 'bitLength'],
    ['I', 'firstNonzeroByteNum'],
    ['I', 'lowestSetBit'],
    ['I', 'signum'],
    ['[', 'magnitude', '[B'],
  ],
  parent: NUMBER,
})
const BIG_DECIMAL = javaClass('java.math.BigDecimal', '54c71557f981284f', {
  flags: 3,
  fields: [
    ['I', 'scale'],
    ['L', 'intVal', 'Ljava/math/BigInteger;'],
  ],
  parent: NUMBER,
})
const CLASSES: ReadonlyMap<string, JavaClass> = new Map(
  [INTEGER, LONG, FLOAT, DOUBLE, BOOLEAN, UUID, BIG_INTEGER, BIG_DECIMAL, BYTES, OBJECTS, NUMBER].map(
    (known) => [known.name, known],
  ),
)

/** @param values null: there is no array */
export function writeJavaArray(values: readonly JavaArrayValue[] | null): string {
  const writer = new JavaWriter()
  if (values === null) writer.byte(TC.null)
  else {
    writer.array(OBJECTS, values.length)
    for (const value of values) writer.value(value)
  }
  return MAGIC + writer.hex()
}

/** The texts of an array's values, or null for no array. Throws for classes that keys of this version do not have. */
export function readJavaArray(hex: string): readonly (string | null)[] | null {
  if (!hex.toLowerCase().startsWith(MAGIC)) throw new Error('not a serialized Java object')
  const value = new JavaReader(Buffer.from(hex.slice(MAGIC.length), 'hex')).object()
  if (value === null) return null
  if (!Array.isArray(value)) throw new Error('not a serialized Java array')
  return value.map((element) => {
    if (element === null || typeof element === 'string') return element
    throw new Error('an array within an array')
  })
}

class JavaWriter {
  readonly #parts: Buffer[] = []
  readonly #handles = new Map<string, number>()
  #nextHandle = FIRST_HANDLE

  hex(): string {
    return Buffer.concat(this.#parts).toString('hex')
  }

  byte(value: number): void {
    this.#parts.push(Buffer.of(value))
  }

  array(type: JavaClass, length: number): void {
    this.byte(TC.array)
    this.#classDesc(type)
    this.#nextHandle++
    this.#int(length)
  }

  value({ typeName, text }: JavaArrayValue): void {
    if (text === null) return this.byte(TC.null)
    switch (typeName) {
      case 'int2':
      case 'int4':
        this.#object(INTEGER)
        return this.#int(Number(text))
      case 'int8':
      case 'oid':
        this.#object(LONG)
        return this.#long(BigInt(text))
      case 'bool':
        this.#object(BOOLEAN)
        return this.byte(text === 't' ? 1 : 0)
      case 'float4':
      case 'float8': {
        this.#object(typeName === 'float4' ? FLOAT : DOUBLE)
        const bytes = Buffer.alloc(typeName === 'float4' ? 4 : 8)
        if (typeName === 'float4') bytes.writeFloatBE(Number(text))
        else bytes.writeDoubleBE(Number(text))
        this.#parts.push(bytes)
        return
      }
      case 'uuid': {
        const bytes = Buffer.from(text.replaceAll('-', ''), 'hex')
        this.#object(UUID)
        this.#parts.push(bytes.subarray(8), bytes.subarray(0, 8))
        return
      }
      case 'numeric':
        return /^-?\d/.test(text) ? this.#decimal(text) : this.#string(text)
      default:
        return this.#string(text)
    }
  }

  #decimal(text: string): void {
    const [whole = '', fraction = ''] = text.split('.')
    const digits = BigInt(whole.replace('-', '') + fraction)
    const hex = digits === 0n ? '' : digits.toString(16)
    const magnitude = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex')
    this.#object(BIG_DECIMAL)
    this.#int(fraction.length)
    this.#object(BIG_INTEGER)
    for (const value of [-1, -1, -2, -2]) this.#int(value)
    this.#int(digits === 0n ? 0 : text.startsWith('-') ? -1 : 1)
    this.array(BYTES, magnitude.length)
    this.#parts.push(magnitude)
    this.byte(TC.end)
    this.byte(TC.end)
  }

  #object(type: JavaClass): void {
    this.byte(TC.object)
    this.#classDesc(type)
    this.#nextHandle++
  }

  #classDesc({ name, id, flags, fields, parent }: JavaClass): void {
    if (this.#refer(`class ${name}`)) return
    this.byte(TC.classDesc)
    this.#utf(name)
    this.#parts.push(Buffer.from(id, 'hex'), Buffer.of(flags, 0, fields.length))
    for (const [type, field, className] of fields) {
      this.#parts.push(Buffer.from(type))
      this.#utf(field)
      if (className !== undefined) this.#string(className)
    }
    this.byte(TC.end)
    if (parent === null) this.byte(TC.null)
    else this.#classDesc(parent)
  }

  #string(text: string): void {
    // Java would refer to the same object only; equal texts of keys are objects of their own, names of classes are not.
    const isClassName = text === '[B' || text.startsWith('Ljava/')
    if (isClassName && this.#refer(`string ${text}`)) return
    this.byte(TC.string)
    if (!isClassName) this.#nextHandle++
    this.#utf(text)
  }

  /** True: it was written before, and a reference to it now. */
  #refer(key: string): boolean {
    const handle = this.#handles.get(key)
    if (handle === undefined) {
      this.#handles.set(key, this.#nextHandle++)
      return false
    }
    this.byte(TC.reference)
    this.#int(handle)
    return true
  }

  #utf(text: string): void {
    const bytes = Buffer.from(text)
    this.#parts.push(Buffer.of(bytes.length >> 8, bytes.length & 0xff), bytes)
  }

  #int(value: number): void {
    const bytes = Buffer.alloc(4)
    bytes.writeInt32BE(value | 0)
    this.#parts.push(bytes)
  }

  #long(value: bigint): void {
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64BE(BigInt.asIntN(64, value))
    this.#parts.push(bytes)
  }
}

type JavaObject = null | string | Buffer | readonly JavaObject[]

class JavaReader {
  readonly #bytes: Buffer
  readonly #handles: (JavaObject | JavaClass)[] = []
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  object(): JavaObject {
    const tag = this.#byte()
    switch (tag) {
      case TC.null:
        return null
      case TC.reference:
        return this.#handles[this.#int() - FIRST_HANDLE] as JavaObject
      case TC.string: {
        const text = this.#utf()
        this.#handles.push(text)
        return text
      }
      case TC.array:
        return this.#array()
      case TC.object: {
        const type = this.#classDesc()!
        const handle = this.#handles.push(null) - 1
        return (this.#handles[handle] = this.#fields(type))
      }
      default:
        throw new Error(`an unexpected mark 0x${tag.toString(16)} in a serialized Java object`)
    }
  }

  #array(): JavaObject {
    const type = this.#classDesc()!
    const handle = this.#handles.push(null) - 1
    const length = this.#int()
    if (type.name === BYTES.name) {
      return (this.#handles[handle] = this.#take(length))
    }
    const elements: JavaObject[] = []
    this.#handles[handle] = elements
    for (let i = 0; i < length; i++) elements.push(this.object())
    return elements
  }

  #classDesc(): JavaClass | null {
    const tag = this.#byte()
    if (tag === TC.null) return null
    if (tag === TC.reference) return this.#handles[this.#int() - FIRST_HANDLE] as JavaClass
    const known = CLASSES.get(this.#utf())
    if (tag !== TC.classDesc || known === undefined) throw new Error('a Java class that is not known here')
    this.#handles.push(known)
    this.#take(9)
    const fields = (this.#byte() << 8) | this.#byte()
    for (let i = 0; i < fields; i++) {
      const type = String.fromCharCode(this.#byte())
      this.#utf()
      if (type === 'L' || type === '[') this.object()
    }
    if (this.#byte() !== TC.end) throw new Error('a serialized Java class with annotations')
    this.#classDesc()
    return known
  }

  #fields(type: JavaClass): JavaObject {
    switch (type) {
      case INTEGER:
        return String(this.#int())
      case LONG:
        return String(this.#long())
      case FLOAT:
        return String(this.#take(4).readFloatBE())
      case DOUBLE:
        return String(this.#take(8).readDoubleBE())
      case BOOLEAN:
        return this.#byte() === 1 ? 't' : 'f'
      case UUID: {
        const least = this.#take(8).toString('hex')
        const hex = this.#take(8).toString('hex') + least
        return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
      }
      case BIG_INTEGER: {
        this.#take(16)
        const sign = this.#int() < 0 ? '-' : ''
        const magnitude = (this.object() as Buffer).toString('hex')
        this.#take(1)
        return sign + BigInt(`0x${magnitude === '' ? '0' : magnitude}`).toString()
      }
      case BIG_DECIMAL: {
        const scale = this.#int()
        const digits = this.object() as string
        this.#take(1)
        return scaled(digits, scale)
      }
      default:
        throw new Error('a Java class that is not known here')
    }
  }

  #take(length: number): Buffer {
    if (this.#at + length > this.#bytes.length) throw new Error('a serialized Java object that ends early')
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  #byte(): number {
    return this.#take(1)[0]!
  }

  #int(): number {
    return this.#take(4).readInt32BE()
  }

  #long(): bigint {
    return this.#take(8).readBigInt64BE()
  }

  #utf(): string {
    return this.#take(this.#take(2).readUInt16BE()).toString()
  }
}

function scaled(digits: string, scale: number): string {
  if (scale <= 0) return digits + '0'.repeat(-scale)
  const sign = digits.startsWith('-') ? '-' : ''
  const padded = digits.slice(sign.length).padStart(scale + 1, '0')
  return `${sign}${padded.slice(0, -scale)}.${padded.slice(-scale)}`
}
