/** How far charts look back, in samples of a second. */
export const LENGTH = 180

/** The latest numbers of one measure, oldest first. NaN: nobody knew. */
export class Series {
  readonly values = new Float64Array(LENGTH).fill(NaN)

  get last(): number {
    return this.values[LENGTH - 1]!
  }

  push(value: number): void {
    this.values.copyWithin(0, 1)
    this.values[LENGTH - 1] = value
  }
}
