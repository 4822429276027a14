import type { Schema } from '../../api/schema.ts'
import { requireField, type Struct } from '../../api/struct.ts'
import type { StructTemplate, Template } from '../../api/template.ts'
import type { ConnectValue } from '../../api/value.ts'
import { columnValue } from '../types/column-codec.ts'
import type { Tuple } from '../wire/tuple.ts'
import type { ChangePosition } from './change-position.ts'
import { positionValue } from './position-text.ts'
import type { Slot } from './slots.ts'

/** The rows of a change: what the slots of its templates are filled from. */
export interface ChangeRow {
  readonly newRow: Tuple | null
  readonly oldRow: Tuple | null
}

/** A change that may be kept: rows and position are its own. */
export interface KeptChange extends ChangeRow {
  readonly position: ChangePosition
}

export function keepChange({ newRow, oldRow }: ChangeRow, position: ChangePosition): KeptChange {
  return {
    newRow: newRow?.copy() ?? null,
    oldRow: oldRow?.copy() ?? null,
    position: { ...position },
  }
}

/** A struct of a template: a view over the rows that decodes a field when it is asked for. */
class TemplateStruct implements Struct {
  readonly schema: Schema
  readonly #fields: readonly Template[]
  readonly #change: KeptChange

  constructor(template: StructTemplate, change: KeptChange) {
    this.schema = template.schema
    this.#fields = template.fields
    this.#change = change
  }

  at(index: number): ConnectValue {
    const field = this.#fields[index]
    return field === undefined ? null : templateValue(field, this.#change)
  }

  get(name: string): ConnectValue {
    return this.at(requireField(this.schema, name))
  }
}

/** What a template is for one change. Only for templates of this room: nothing has rewritten them. */
export function templateValue(template: Template, change: KeptChange): ConnectValue {
  switch (template.kind) {
    case 'constant':
      return template.value
    case 'struct':
      return new TemplateStruct(template, change)
    case 'slot':
      return slotValue(template.slot as Slot, change)
  }
}

function slotValue(slot: Slot, change: KeptChange): ConnectValue {
  if (slot.kind === 'position') return positionValue(change.position, slot.field)
  const isNew = slot.side === 'new'
  return columnValue(slot.codec, (isNew ? change.newRow : change.oldRow)!, isNew ? change.oldRow : null)
}
