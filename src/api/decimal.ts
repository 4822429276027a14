/** An exact decimal number: `unscaled * 10 ** -scale`, as `java.math.BigDecimal` holds it. */
export class Decimal {
  readonly unscaled: bigint
  readonly scale: number

  constructor(unscaled: bigint, scale: number) {
    this.unscaled = unscaled
    this.scale = scale
  }

  /** Parses `-12.34` (no exponent, no NaN). The scale is the number of digits after the point. */
  static parse(text: string): Decimal {
    const point = text.indexOf('.')
    if (point < 0) return new Decimal(BigInt(text), 0)
    return new Decimal(BigInt(text.slice(0, point) + text.slice(point + 1)), text.length - point - 1)
  }

  /** Plain notation, never an exponent: `-0.01`. */
  toString(): string {
    if (this.scale <= 0) return (this.unscaled * 10n ** BigInt(-this.scale)).toString()
    const negative = this.unscaled < 0n
    const digits = (negative ? -this.unscaled : this.unscaled).toString().padStart(this.scale + 1, '0')
    const whole = digits.slice(0, digits.length - this.scale)
    return `${negative ? '-' : ''}${whole}.${digits.slice(digits.length - this.scale)}`
  }
}
