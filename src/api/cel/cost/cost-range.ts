// Ranges of costs and sizes, from least to most, that saturate where upstream's 64-bit numbers do.

/** From least to most, both included. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** Where counting ends: the greatest 64-bit number, as near as a double comes. */
export const UNBOUNDED = 2 ** 64;

/** Nothing at all. */
export const ZERO: Range = { min: 0, max: 0 };
/** Anything. */
export const UNKNOWN: Range = { min: 0, max: UNBOUNDED };

const capped = (value: number): number => Math.min(value, UNBOUNDED);

/** Exactly that. */
export const exactly = (value: number): Range => ({ min: value, max: value });

/** The sum. */
export const plus = (a: Range, b: Range): Range => ({ min: capped(a.min + b.min), max: capped(a.max + b.max) });

/** The product. */
export const times = (a: Range, b: Range): Range => ({ min: product(a.min, b.min), max: product(a.max, b.max) });

/** Nothing times anything is nothing, without bounds too. */
const product = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : capped(a * b));

/** A size times the cost of one unit, rounded up. */
export const scaled = (range: Range, factor: number): Range => ({
  min: capped(Math.ceil(range.min * factor)),
  max: capped(Math.ceil(range.max * factor)),
});

/** The least range that holds both. */
export const union = (a: Range, b: Range): Range => ({ min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) });
