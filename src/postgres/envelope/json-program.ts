import { ByteWriter, constantText, MOST_WORDS_BYTES, type ConstantText } from '../../api/byte-writer.ts'
import { fieldPrefixes, jsonBytes, type JsonFormat } from '../../api/json/json-writer.ts'
import type { JsonRendering, SlotTemplate, Template } from '../../api/template.ts'
import type { ConnectValue } from '../../api/value.ts'
import { malformedReason, unrepresentable, unsentValue } from '../types/column-codec.ts'
import { jsonValueWriter, type JsonValueWriter, type PlainJson } from '../types/value-codec.ts'
import { UNCHANGED_TOAST, type Tuple } from '../wire/tuple.ts'
import type { ChangeRow } from './change-row.ts'
import type { PositionFieldText, PositionText } from './position-text.ts'
import type { ColumnSlot, PositionSlot, Slot } from './slots.ts'

/**
 * A rendering compiled for one relation version: constant texts with a step between each two of them. Writing a row
 * copies the texts and lets the steps write theirs; there is no value, no string, no schema left to look at.
 * Measured on one core beside other load, with the cutting of the row: 1.6M rows/s unwrapped (275 bytes), 0.95M with the
 * envelope (677 bytes).
 */
export class JsonProgram {
  /** `#texts[i]` comes before `#steps[i]`; the last one after all. */
  readonly #texts: readonly ConstantText[]
  readonly #steps: readonly Step[]

  constructor(rendering: JsonRendering, position: PositionText) {
    const compiler = new Compiler(rendering, position)
    this.#texts = compiler.texts
    this.#steps = compiler.steps
  }

  write(row: ChangeRow, out: ByteWriter): void {
    const texts = this.#texts
    const steps = this.#steps
    for (let i = 0; i < steps.length; i++) {
      out.constant(texts[i]!)
      steps[i]!.write(row, out)
    }
    out.constant(texts[steps.length]!)
  }
}

interface Step {
  write(row: ChangeRow, out: ByteWriter): void
}

class Compiler {
  readonly texts: ConstantText[] = []
  readonly steps: Step[] = []
  readonly #format: JsonFormat
  readonly #position: PositionText
  #text = new ByteWriter(256)

  constructor(rendering: JsonRendering, position: PositionText) {
    this.#format = rendering
    this.#position = position
    this.#text.utf8(rendering.prefix)
    this.#compile(rendering.template)
    this.#text.utf8(rendering.suffix)
    this.#endText()
  }

  #compile(template: Template): void {
    switch (template.kind) {
      case 'constant':
        this.#append(jsonBytes(template.schema, template.value, this.#format))
        return
      case 'struct': {
        const prefixes = fieldPrefixes(template.schema.fields!)
        template.fields.forEach((field, index) => {
          this.#append(prefixes[index]!)
          this.#compile(field)
        })
        this.#text.utf8(prefixes.length === 0 ? '{}' : '}')
        return
      }
      case 'slot':
        this.#endText()
        this.steps.push(this.#step(template))
    }
  }

  #step(template: SlotTemplate): Step {
    const slot = template.slot as Slot
    return slot.kind === 'column'
      ? new ColumnStep(template, slot, this.#format)
      : new PositionStep(template, slot, { format: this.#format, position: this.#position })
  }

  #append(bytes: Buffer): void {
    this.#text.copy(bytes, 0, bytes.length)
  }

  #endText(): void {
    this.texts.push(constantText(this.#text.bytes.subarray(0, this.#text.position)))
    this.#text.position = 0
  }
}

class ColumnStep implements Step {
  readonly #isNew: boolean
  readonly #index: number
  readonly #slot: ColumnSlot
  readonly #writer: JsonValueWriter
  readonly #plain: PlainJson | null
  readonly #null: Buffer
  /** Null: there is nothing that could be written. */
  readonly #placeholder: Buffer | null

  constructor(template: SlotTemplate, slot: ColumnSlot, format: JsonFormat) {
    const { codec } = slot
    this.#isNew = slot.side === 'new'
    this.#index = codec.index
    this.#slot = slot
    this.#writer = jsonValueWriter(codec.value, format.decimalFormat)
    this.#plain = this.#writer.plain ?? null
    this.#null = nullJson(template, codec.nullValue, format)
    const { placeholder } = codec.value
    this.#placeholder = placeholder === null ? null : jsonBytes(template.schema, placeholder, format)
  }

  write(row: ChangeRow, out: ByteWriter): void {
    const index = this.#index
    let tuple = this.#isNew ? row.newRow! : row.oldRow!
    let start = tuple.starts[index]!
    // Under REPLICA IDENTITY FULL the old row has the value that the new one leaves out.
    if (start === UNCHANGED_TOAST && this.#isNew && row.oldRow !== null && row.oldRow.starts[index]! >= 0) {
      tuple = row.oldRow
      start = tuple.starts[index]!
    }
    if (start >= 0) {
      if (tuple.plain !== null && this.#plain !== null)
        writePlain(tuple, start, tuple.ends[index]!, this.#plain === 'quoted', out)
      else this.#writeValue(tuple, start, out)
    } else if (start !== UNCHANGED_TOAST) {
      out.copy(this.#null, 0, this.#null.length)
    } else if (this.#placeholder !== null) {
      out.copy(this.#placeholder, 0, this.#placeholder.length)
    } else {
      unsentValue(this.#slot.codec)
      out.copy(this.#null, 0, this.#null.length)
    }
  }

  #writeValue(tuple: Tuple, start: number, out: ByteWriter): void {
    const { position } = out
    try {
      if (this.#writer(tuple.bytes, start, tuple.ends[this.#index]!, out)) return
      unrepresentable(this.#slot.codec)
    } catch (error) {
      unrepresentable(this.#slot.codec, malformedReason(error))
    }
    out.position = position
    out.copy(this.#null, 0, this.#null.length)
  }
}

const QUOTE = 0x22

function writePlain(tuple: Tuple, start: number, end: number, isQuoted: boolean, out: ByteWriter): void {
  out.ensure(end - start + 2)
  if (isQuoted) out.bytes[out.position++] = QUOTE
  if (end - start > MOST_WORDS_BYTES) out.copy(tuple.bytes, start, end)
  else out.copyWords(tuple.plain!, start, end)
  if (isQuoted) out.bytes[out.position++] = QUOTE
}

class PositionStep implements Step {
  readonly #field: PositionFieldText
  readonly #null: Buffer

  constructor(
    template: SlotTemplate,
    slot: PositionSlot,
    { format, position }: { readonly format: JsonFormat; readonly position: PositionText },
  ) {
    this.#field = position.field(slot.field)
    this.#null = template.schema.optional ? nullJson(template, null, format) : Buffer.alloc(0)
  }

  write(_row: ChangeRow, out: ByteWriter): void {
    const { json } = this.#field
    if (json.position > 0) out.copy(json.bytes, 0, json.position)
    else out.copy(this.#null, 0, this.#null.length)
  }
}

/** What a slot's null is written as: transformation and converter may each put the default in its place. */
function nullJson(template: SlotTemplate, value: ConnectValue, format: JsonFormat): Buffer {
  const replaced = value ?? (template.nullAsDefault ? (template.schema.default ?? null) : null)
  return jsonBytes(template.schema, replaced, format)
}
