// Resource quantities ("1500m", "2Gi", "1e3"): exact values with a canonical text form.
// Rules: Kubernetes API reference, "Quantity". Nothing is finer than a billionth; finer input is rounded away from zero.

/** Which suffixes a quantity is printed with. */
export type QuantityFormat = 'BinarySI' | 'DecimalSI' | 'DecimalExponent';

const NANO = 1_000_000_000n;
const MAX = ((1n << 63n) - 1n) * NANO;
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
/** Decimal suffixes by exponent. */
const DECIMAL = new Map([
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
]);
const SUFFIX_OF_EXPONENT = new Map([...DECIMAL].map(([suffix, exponent]) => [exponent, suffix]));
/** Larger exponents are taken for this one: no one owns that much, and the digits would cost memory. */
const MAX_EXPONENT = 100;
/** Below, any number of digits rounds to one billionth. */
const MIN_EXPONENT = -400;
/** No sensible quantity is longer; longer ones would only cost time. */
const MAX_TEXT = 256;

const QUANTITY_PATTERN_MESSAGE = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

const abs = (value: bigint): bigint => (value < 0n ? -value : value);

/** Divides, rounding away from zero. */
function divideUp(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  return value % divisor === 0n ? quotient : quotient + (value < 0n ? -1n : 1n);
}

/** Upstream caps binary quantities at what 64 bits hold; decimal ones keep their digits. */
const cap = (nanos: bigint): bigint => (nanos > MAX ? MAX : nanos < -MAX ? -MAX : nanos);

/** An immutable exact quantity, counted in billionths. */
export class Quantity {
  /** The value times 10⁹. */
  readonly nanos: bigint;
  readonly format: QuantityFormat;

  constructor(nanos: bigint, format: QuantityFormat = 'DecimalSI') {
    this.nanos = format === 'BinarySI' ? cap(nanos) : nanos;
    this.format = format;
  }

  /** A quantity of whole units. */
  static of(value: number | bigint, format: QuantityFormat = 'DecimalSI'): Quantity {
    return new Quantity(BigInt(value) * NANO, format);
  }

  /** A quantity of thousandths. */
  static ofMilli(value: number | bigint, format: QuantityFormat = 'DecimalSI'): Quantity {
    return new Quantity(BigInt(value) * 1_000_000n, format);
  }

  /** Keeps this format, or takes the other's where this is zero. */
  add(other: Quantity): Quantity {
    return new Quantity(this.nanos + other.nanos, this.nanos === 0n ? other.format : this.format);
  }

  /** Keeps this format, or takes the other's where this is zero. */
  sub(other: Quantity): Quantity {
    return new Quantity(this.nanos - other.nanos, this.nanos === 0n ? other.format : this.format);
  }

  mul(factor: number | bigint): Quantity {
    return new Quantity(this.nanos * BigInt(factor), this.format);
  }

  neg(): Quantity {
    return new Quantity(-this.nanos, this.format);
  }

  /** Negative, zero or positive, as for `sort`. */
  compare(other: Quantity): number {
    return this.nanos < other.nanos ? -1 : this.nanos > other.nanos ? 1 : 0;
  }

  equals(other: Quantity): boolean {
    return this.nanos === other.nanos;
  }

  isZero(): boolean {
    return this.nanos === 0n;
  }

  /** -1, 0 or 1. */
  sign(): number {
    return this.nanos < 0n ? -1 : this.nanos > 0n ? 1 : 0;
  }

  /** Whole units, rounded away from zero; exact up to 2⁵³. */
  value(): number {
    return Number(divideUp(this.nanos, NANO));
  }

  /** Thousandths, rounded away from zero; exact up to 2⁵³. */
  milliValue(): number {
    return Number(divideUp(this.nanos, 1_000_000n));
  }

  /** The value as a floating point number. */
  toNumber(): number {
    return Number(this.nanos) / 1e9;
  }

  /** Rounded away from zero to thousandths; itself if it is no finer. */
  roundUpToMilli(): Quantity {
    return this.nanos % 1_000_000n === 0n ? this : new Quantity(divideUp(this.nanos, 1_000_000n) * 1_000_000n, this.format);
  }

  /** The canonical text: no fraction, the largest suffix that allows it. */
  toString(): string {
    if (this.nanos === 0n) return '0';
    if (this.format === 'BinarySI' && abs(this.nanos) >= 1024n * NANO && this.nanos % NANO === 0n) return formatBinary(this.nanos / NANO);
    return formatDecimal(this.nanos, this.format === 'DecimalExponent');
  }

  toJSON(): string {
    return this.toString();
  }
}

function formatBinary(value: bigint): string {
  let power = 0;
  let rest = value;
  while (power < BINARY.length - 1 && rest % 1024n === 0n) {
    rest /= 1024n;
    power++;
  }
  return `${rest}${BINARY[power]}`;
}

function formatDecimal(nanos: bigint, asExponent: boolean): string {
  let exponent = -9;
  let rest = nanos;
  while (rest % 1000n === 0n && (asExponent || exponent < 18)) {
    rest /= 1000n;
    exponent += 3;
  }
  if (!asExponent) return `${rest}${SUFFIX_OF_EXPONENT.get(exponent)}`;
  return exponent === 0 ? `${rest}` : `${rest}e${exponent}`;
}

/** Parses a quantity; undefined if it is none. A number counts as its decimal text. */
export function tryParseQuantity(input: string | number): Quantity | undefined {
  const text = String(input);
  const match = text.length > MAX_TEXT ? null : /^([+-]?)(\d*)(?:\.(\d*))?([a-zA-Z]*)([+-]?\d+)?$/.exec(text);
  if (!match) return undefined;
  const [, sign, whole = '', fraction = '', suffix = '', power] = match;
  if (whole === '' && fraction === '') return undefined;
  const scale = scaleOf(suffix, power);
  if (!scale) return undefined;
  const digits = BigInt(whole + fraction) * (sign === '-' ? -1n : 1n);
  const nanos = scale.binary
    ? divideUp(digits * (1n << BigInt(scale.exponent)) * NANO, 10n ** BigInt(fraction.length))
    : shift(digits, Math.min(Math.max(scale.exponent + 9 - fraction.length, MIN_EXPONENT), MAX_EXPONENT));
  return new Quantity(nanos, scale.format);
}

function shift(digits: bigint, exponent: number): bigint {
  return exponent >= 0 ? digits * 10n ** BigInt(exponent) : divideUp(digits, 10n ** BigInt(-exponent));
}

interface Scale {
  readonly binary: boolean;
  readonly exponent: number;
  readonly format: QuantityFormat;
}

function scaleOf(suffix: string, power: string | undefined): Scale | undefined {
  if (power !== undefined) {
    if (suffix !== 'e' && suffix !== 'E') return undefined;
    return { binary: false, exponent: Number(power), format: 'DecimalExponent' };
  }
  const binary = BINARY.indexOf(suffix);
  if (binary > 0) return { binary: true, exponent: binary * 10, format: 'BinarySI' };
  const exponent = DECIMAL.get(suffix);
  return exponent === undefined ? undefined : { binary: false, exponent, format: 'DecimalSI' };
}

/** Parses a quantity. @throws RangeError with upstream's text if it is none. */
export function parseQuantity(input: string | number): Quantity {
  const quantity = tryParseQuantity(input);
  if (!quantity) throw new RangeError(quantityFault(String(input)));
  return quantity;
}

/** What upstream says of a text that is no quantity. */
export function quantityFault(text: string): string {
  const shaped = /^[+-]?[0-9.]+[eEinumkKMGTP]*[-+]?[0-9]*$/.test(text);
  return shaped ? "unable to parse quantity's suffix" : QUANTITY_PATTERN_MESSAGE;
}
