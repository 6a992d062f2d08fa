// Quantities in CEL. Rules: "Kubernetes CEL libraries", "Kubernetes quantity library".

import { parseQuantity, Quantity, tryParseQuantity } from '../../quantity.ts';
import { BOOL, DOUBLE, INT, opaque } from '../cel-type.ts';
import { READ_FIRST } from '../cost/cost-models.ts';
import { failure } from '../errors.ts';
import { QUANTITY } from '../opaque-types.ts';
import { fn, method, type Overload, opaqueParam, P } from '../overload.ts';
import { MAX_INT, MIN_INT } from '../syntax/literals.ts';
import { CelOpaque } from '../values.ts';

const NANOS = 1_000_000_000n;

/** A quantity. */
class QuantityValue extends CelOpaque {
  readonly typeName = QUANTITY;
  readonly quantity: Quantity;
  constructor(quantity: Quantity) {
    super();
    this.quantity = quantity;
  }
  equals(other: CelOpaque): boolean {
    return other instanceof QuantityValue && this.quantity.equals(other.quantity);
  }
}

function parse(text: string): QuantityValue {
  try {
    return new QuantityValue(parseQuantity(text));
  } catch (cause) {
    throw failure(cause instanceof Error ? cause.message : String(cause));
  }
}

const isInteger = ({ quantity: { nanos } }: QuantityValue): boolean =>
  nanos % NANOS === 0n && nanos / NANOS <= MAX_INT && nanos / NANOS >= MIN_INT;

function asInteger(value: QuantityValue): bigint {
  if (!isInteger(value)) throw failure('cannot convert value to integer');
  return value.quantity.nanos / NANOS;
}

/** The functions of quantities. */
export function quantityLibrary(): readonly Overload[] {
  const self = opaqueParam<QuantityValue>(QUANTITY);
  const result = opaque(QUANTITY);
  const pair = [self, self] as const;
  const withInt = [self, P.int] as const;
  return [
    fn('quantity', { params: [P.string], result, cost: READ_FIRST }, parse),
    fn('isQuantity', { params: [P.string], result: BOOL, cost: READ_FIRST }, (text) => tryParseQuantity(text) !== undefined),
    fn('sign', { params: [self], result: INT }, ({ quantity }) => BigInt(quantity.sign())),
    method('isInteger', { params: [self], result: BOOL }, isInteger),
    method('asInteger', { params: [self], result: INT }, asInteger),
    method('asApproximateFloat', { params: [self], result: DOUBLE }, ({ quantity }) => quantity.toNumber()),
    method('add', { params: pair, result }, (a, b) => new QuantityValue(a.quantity.add(b.quantity))),
    method('add', { params: withInt, result }, (a, b) => new QuantityValue(a.quantity.add(Quantity.of(b)))),
    method('sub', { params: pair, result }, (a, b) => new QuantityValue(a.quantity.sub(b.quantity))),
    method('sub', { params: withInt, result }, (a, b) => new QuantityValue(a.quantity.sub(Quantity.of(b)))),
    method('isGreaterThan', { params: pair, result: BOOL }, (a, b) => a.quantity.compare(b.quantity) > 0),
    method('isLessThan', { params: pair, result: BOOL }, (a, b) => a.quantity.compare(b.quantity) < 0),
    method('compareTo', { params: pair, result: INT }, (a, b) => BigInt(Math.sign(a.quantity.compare(b.quantity)))),
  ];
}
