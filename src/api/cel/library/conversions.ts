// CEL's conversions between types: int(), uint(), double(), string(), bytes(), bool(), timestamp(), duration(), dyn(), type().
// Rules: CEL specification, "Standard Definitions".

import { BOOL, BYTES, type CelType, DOUBLE, DURATION, DYN, INT, STRING, TIMESTAMP, UINT } from '../cel-type.ts';
import { DECODE, ENCODE } from '../cost/cost-models.ts';
import { failure } from '../errors.ts';
import { A, ANY_A, fn, type Overload, P, type Param } from '../overload.ts';
import { MAX_INT, MAX_UINT, MIN_INT } from '../syntax/literals.ts';
import { durationText, parseDuration, parseTimestamp, timestampOf, timestampText } from '../time-text.ts';
import { CelDuration, CelTypeValue, CelUint, type CelValue, typeNameOf } from '../values.ts';

const SECOND = 1_000_000_000n;

function noConversion(from: string, to: string): never {
  throw failure(`type conversion error from '${from}' to '${to}'`);
}

function intOf(value: bigint): bigint {
  if (value > MAX_INT || value < MIN_INT) throw failure('integer overflow');
  return value;
}

function uintOf(value: bigint): CelUint {
  if (value > MAX_UINT || value < 0n) throw failure('unsigned integer overflow');
  return new CelUint(value);
}

/** A double's whole part. The bounds are exclusive: at 2⁶³ a double is not exact any more. */
function wholeOf(value: number, { least, most, error }: { least: number; most: number; error: string }): bigint {
  if (!(value > least && value < most)) throw failure(error);
  return BigInt(Math.trunc(value));
}

function toInt(text: string): bigint {
  if (!/^[+-]?\d+$/.test(text)) return noConversion('string', 'int');
  const value = BigInt(text.replace(/^\+/, ''));
  return value > MAX_INT || value < MIN_INT ? noConversion('string', 'int') : value;
}

function toUint(text: string): CelUint {
  if (!/^\d+$/.test(text)) return noConversion('string', 'uint');
  const value = BigInt(text);
  return value > MAX_UINT ? noConversion('string', 'uint') : new CelUint(value);
}

function toDouble(text: string): number {
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text);
  if (special)
    return special[2]?.toLowerCase() === 'nan' ? Number.NaN : special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) return noConversion('string', 'double');
  return Number(text);
}

const TRUE = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);
const FALSE = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False']);
const toBool = (text: string): boolean => TRUE.has(text) || (FALSE.has(text) ? false : noConversion('string', 'bool'));

/** A double as Go prints it: an exponent from 1e+21 and below 1e-4, with two digits at least. */
export function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const size = Math.abs(value);
  if (value === 0 || (size >= 1e-4 && size < 1e21)) return Object.is(value, -0) ? '-0' : String(value);
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}

function bytesText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw failure('invalid UTF-8 in bytes, cannot convert to string');
  }
}

function timestampOfSeconds(seconds: bigint): CelValue {
  const time = timestampOf(seconds * SECOND);
  if (!time) throw failure('timestamp overflow');
  return time;
}

const floorSeconds = (nanos: bigint): bigint => (nanos - (((nanos % SECOND) + SECOND) % SECOND)) / SECOND;

const same = (name: string, param: Param<CelValue>): Overload => fn(name, { params: [param], result: param.type }, (value) => value);

function toIntegers(): Overload[] {
  const [least, most] = [-(2 ** 63), 2 ** 63];
  return [
    same('int', P.int),
    fn('int', { params: [P.uint], result: INT }, ({ value }) => intOf(value)),
    fn('int', { params: [P.double], result: INT }, (value) => wholeOf(value, { least, most, error: 'integer overflow' })),
    fn('int', { params: [P.string], result: INT }, toInt),
    fn('int', { params: [P.timestamp], result: INT }, ({ nanos }) => floorSeconds(nanos)),
    fn('int', { params: [P.duration], result: INT }, ({ nanos }) => nanos),
    same('uint', P.uint),
    fn('uint', { params: [P.int], result: UINT }, uintOf),
    fn('uint', { params: [P.double], result: UINT }, (value) =>
      uintOf(wholeOf(value, { least: -1, most: 2 ** 64, error: 'unsigned integer overflow' })),
    ),
    fn('uint', { params: [P.string], result: UINT }, toUint),
  ];
}

function toTexts(): Overload[] {
  const text = <T extends CelValue>(param: Param<T>, run: (value: T) => string): Overload =>
    fn('string', { params: [param], result: STRING }, run);
  return [
    same('string', P.string),
    text(P.bool, String),
    text(P.int, String),
    text(P.uint, ({ value }) => String(value)),
    text(P.double, doubleText),
    text(P.timestamp, timestampText),
    text(P.duration, durationText),
    fn('string', { params: [P.bytes], result: STRING, cost: DECODE }, bytesText),
    same('bytes', P.bytes),
    fn('bytes', { params: [P.string], result: BYTES, cost: ENCODE }, (value) => new Uint8Array(Buffer.from(value))),
  ];
}

function toOthers(): Overload[] {
  return [
    same('double', P.double),
    fn('double', { params: [P.int], result: DOUBLE }, Number),
    fn('double', { params: [P.uint], result: DOUBLE }, ({ value }) => Number(value)),
    fn('double', { params: [P.string], result: DOUBLE }, toDouble),
    same('bool', P.bool),
    fn('bool', { params: [P.string], result: BOOL }, toBool),
    same('timestamp', P.timestamp),
    fn(
      'timestamp',
      { params: [P.string], result: TIMESTAMP },
      (text) => parseTimestamp(text) ?? noConversion('string', 'google.protobuf.Timestamp'),
    ),
    fn('timestamp', { params: [P.int], result: TIMESTAMP }, timestampOfSeconds),
    same('duration', P.duration),
    fn(
      'duration',
      { params: [P.string], result: DURATION },
      (text) => parseDuration(text) ?? noConversion('string', 'google.protobuf.Duration'),
    ),
    fn('duration', { params: [P.int], result: DURATION }, (nanos) => new CelDuration(nanos)),
  ];
}

/** All conversions. */
export function standardConversions(): readonly Overload[] {
  const typeOfA: CelType = { kind: 'type', of: A };
  return [
    ...toIntegers(),
    ...toTexts(),
    ...toOthers(),
    fn('dyn', { params: [ANY_A], result: DYN }, (value) => value),
    fn('type', { params: [ANY_A], result: typeOfA }, (value) => new CelTypeValue(typeNameOf(value))),
  ];
}
