import type { JsonObject } from '../json/json-object.ts'
import { findField } from '../mapping/mapping.ts'
import { QueryShardError } from '../query/query-context.ts'
import type { SourceDocument } from '../query/source-document.ts'
import type { SearchIndex } from '../store/search-index.ts'
import { fielddataDisabled } from './sort.ts'

export const METRICS: ReadonlySet<string> = new Set(['min', 'max', 'avg', 'sum', 'value_count', 'stats'])

/** min, max, avg, sum, value_count and stats over the numbers of a field. */
export class MetricAggregation {
  readonly #type: string
  readonly #field: string
  #isDate = false
  #count = 0
  #sum = 0
  #min = Infinity
  #max = -Infinity

  constructor(type: string, field: string) {
    this.#type = type
    this.#field = field
  }

  collector(index: SearchIndex): (document: SourceDocument) => void {
    const found = findField(index.mapping, this.#field)
    if (found === undefined) return () => undefined
    const { family, name } = found.field.type
    if (family === 'text') throw fielddataDisabled(index, this.#field)
    if ((family === 'keyword' || family === 'opaque') && this.#type !== 'value_count') {
      const reason = `Field [${this.#field}] of type [${name}] is not supported for aggregation [${this.#type}]`
      throw new QueryShardError(reason, { type: 'illegal_argument_exception' })
    }
    this.#isDate = family === 'date'
    return (document) => {
      for (const value of document.values(found)) {
        const number = Number(value)
        this.#count++
        this.#sum += number
        this.#min = Math.min(this.#min, number)
        this.#max = Math.max(this.#max, number)
      }
    }
  }

  result(): JsonObject {
    const some = (value: number): number | null => (this.#count === 0 ? null : value)
    switch (this.#type) {
      case 'min':
        return this.#value(some(this.#min))
      case 'max':
        return this.#value(some(this.#max))
      case 'avg':
        return this.#value(some(this.#sum / this.#count))
      case 'sum':
        return { value: this.#sum }
      case 'value_count':
        return { value: this.#count }
      default:
        return {
          count: this.#count,
          min: some(this.#min),
          max: some(this.#max),
          avg: some(this.#sum / this.#count),
          sum: this.#sum,
        }
    }
  }

  #value(value: number | null): JsonObject {
    const isShownAsDate = this.#isDate && value !== null && Math.abs(value) <= 8.64e15
    return isShownAsDate ? { value, value_as_string: new Date(value).toISOString() } : { value }
  }
}
