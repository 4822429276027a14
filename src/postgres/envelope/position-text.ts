import { ByteWriter } from '../../api/byte-writer.ts'
import { writeJsonText } from '../../api/json/json-string.ts'
import type { ConnectValue } from '../../api/value.ts'
import type { ChangePosition } from './change-position.ts'
import { POSITION_FIELDS, type PositionField } from './slots.ts'

/** The JSON of one field of the position at hand; empty stands for null. */
export class PositionFieldText {
  readonly json = new ByteWriter(64)
  /** Somebody writes it: others are not rendered. */
  isUsed = false
}

/**
 * The position as JSON. Rendered again only where something of it changed: all rows of a transaction share most of it,
 * so that a row costs copying and no number is turned into text, no bigint calculated with.
 */
export class PositionText {
  readonly #position: ChangePosition
  readonly #fields: Readonly<Record<PositionField, PositionFieldText>>
  /** These two change with each row. */
  readonly #lsnText: PositionFieldText
  readonly #sequenceText: PositionFieldText
  #processedTimeUs: bigint | null = null
  #sourceTimeUs: bigint | null = null
  #lsn: bigint | null = null
  #lastCommitLsn: bigint | null = null
  #txId: number | null = null
  #xmin: bigint | null = null
  #snapshot: string | null = null
  #totalOrder = 0
  #collectionOrder = 0
  /** When the change was processed, in milliseconds: the record's timestamp. */
  timestampMs = 0

  constructor(position: ChangePosition) {
    this.#position = position
    this.#fields = Object.fromEntries(
      POSITION_FIELDS.map((field) => [field, new PositionFieldText()]),
    ) as Record<PositionField, PositionFieldText>
    this.#lsnText = this.#fields['source.lsn']
    this.#sequenceText = this.#fields['source.sequence']
  }

  field(field: PositionField): PositionFieldText {
    const text = this.#fields[field]
    // What is new here must be rendered with the next record, whether it has moved or not.
    if (!text.isUsed) this.#lsn = null
    text.isUsed = true
    return text
  }

  /** To be called before each record. */
  refresh(): void {
    const position = this.#position
    if (position.processedTimeUs !== this.#processedTimeUs) {
      this.#processedTimeUs = position.processedTimeUs
      this.timestampMs = Math.floor(Number(position.processedTimeUs) / 1000)
      this.#renderTimes('', position.processedTimeUs)
    }
    if (position.sourceTimeUs !== this.#sourceTimeUs) {
      this.#sourceTimeUs = position.sourceTimeUs
      this.#renderTimes('source.', position.sourceTimeUs)
    }
    if (position.xmin !== this.#xmin) {
      this.#xmin = position.xmin
      this.#render('source.xmin', positionValue(position, 'source.xmin'))
    }
    const isMoved = position.lsn !== this.#lsn
    // Only where changes are counted.
    if (position.totalOrder > 0) this.#refreshTransaction(isMoved)
    if (position.txId !== this.#txId) {
      this.#txId = position.txId
      this.#render('source.txId', positionValue(position, 'source.txId'))
    }
    if (position.snapshot !== this.#snapshot) this.#refreshSnapshot()
    if (isMoved) {
      this.#lsn = position.lsn
      if (this.#lsnText.isUsed) this.#render('source.lsn', positionValue(position, 'source.lsn'))
    }
    if (isMoved || position.lastCommitLsn !== this.#lastCommitLsn) {
      this.#lastCommitLsn = position.lastCommitLsn
      if (this.#sequenceText.isUsed)
        this.#render('source.sequence', positionValue(position, 'source.sequence'))
    }
  }

  /** Rows of incremental snapshots have no transaction and no LSN. */
  #refreshSnapshot(): void {
    const position = this.#position
    const isOtherKind = (position.snapshot === 'incremental') !== (this.#snapshot === 'incremental')
    this.#snapshot = position.snapshot
    this.#render('source.snapshot', positionValue(position, 'source.snapshot'))
    if (!isOtherKind) return
    this.#render('source.txId', positionValue(position, 'source.txId'))
    this.#render('source.lsn', positionValue(position, 'source.lsn'))
    this.#render('source.xmin', positionValue(position, 'source.xmin'))
  }

  #refreshTransaction(isMoved: boolean): void {
    const { txId, totalOrder, collectionOrder } = this.#position
    if (isMoved || txId !== this.#txId)
      this.#render('transaction.id', positionValue(this.#position, 'transaction.id'))
    if (totalOrder !== this.#totalOrder) {
      this.#totalOrder = totalOrder
      this.#render('transaction.total_order', BigInt(totalOrder))
    }
    if (collectionOrder !== this.#collectionOrder) {
      this.#collectionOrder = collectionOrder
      this.#render('transaction.data_collection_order', BigInt(collectionOrder))
    }
  }

  #renderTimes(prefix: '' | 'source.', micros: bigint): void {
    const text = micros.toString()
    // Of times since 1970 the digits of the other units are these digits, cut or with zeros.
    const millis = micros >= 1000n ? text.slice(0, -3) : String(milliseconds(micros))
    this.#text(`${prefix}ts_us`, text)
    this.#text(`${prefix}ts_ms`, millis)
    this.#text(`${prefix}ts_ns`, micros === 0n ? '0' : `${text}000`)
  }

  #text(field: PositionField, text: string): void {
    const { json } = this.#fields[field]
    json.position = 0
    json.utf8(text)
  }

  #render(field: PositionField, value: ConnectValue): void {
    const { json } = this.#fields[field]
    json.position = 0
    if (typeof value === 'string') writeJsonText(value, json)
    else if (typeof value === 'bigint') json.utf8(value.toString())
  }
}

/** The value of a field, as records that are not compiled carry it. */
export function positionValue(position: ChangePosition, field: PositionField): ConnectValue {
  switch (field) {
    case 'ts_ms':
      return milliseconds(position.processedTimeUs)
    case 'ts_us':
      return position.processedTimeUs
    case 'ts_ns':
      return position.processedTimeUs * 1000n
    case 'source.ts_ms':
      return milliseconds(position.sourceTimeUs)
    case 'source.ts_us':
      return position.sourceTimeUs
    case 'source.ts_ns':
      return position.sourceTimeUs * 1000n
    case 'source.snapshot':
      // Streaming leaves it out: the schema's default says "false".
      return position.snapshot === 'false' ? null : position.snapshot
    case 'source.sequence': {
      const last = position.lastCommitLsn === null ? 'null' : `"${position.lastCommitLsn}"`
      return `[${last},"${position.lsn}"]`
    }
    case 'source.txId':
      return position.snapshot === 'incremental' ? null : BigInt(position.txId)
    case 'source.lsn':
      return position.snapshot === 'incremental' ? null : position.lsn
    case 'source.xmin':
      return position.snapshot === 'incremental' ? null : position.xmin
    case 'transaction.id':
      return `${position.txId}:${position.lsn}`
    case 'transaction.total_order':
      return BigInt(position.totalOrder)
    case 'transaction.data_collection_order':
      return BigInt(position.collectionOrder)
  }
}

function milliseconds(micros: bigint): bigint {
  return (micros - (((micros % 1000n) + 1000n) % 1000n)) / 1000n
}
