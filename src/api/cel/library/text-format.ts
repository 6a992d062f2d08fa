// `text.format([…])`: %s %d %f %e %b %x %X %o as CEL's extended string functions define them. Rules: "CEL extended string function library", "Format".

import { type CelEvaluationError, failure } from '../errors.ts';
import { durationText, timestampText } from '../time-text.ts';
import { CelDuration, CelList, CelMap, CelTimestamp, CelTypeValue, CelUint, type CelValue, numeric, typeNameOf } from '../values.ts';
import { doubleText } from './conversions.ts';

const CLAUSE = /%(?:(%)|(\.\d*)?([\s\S])?)/g;
/** More digits than these after the point say nothing of a double; upstream caps them too. */
const MAX_PRECISION = 1000;
const DEFAULT_PRECISION = 6;

/** What a text of `format` asks of one item. */
export interface FormatClause {
  /** Its letter, e.g. `d`. */
  readonly verb: string;
  /** Digits after the point. */
  readonly digits: number;
}

/** What each clause takes, as its errors say it. */
export const CLAUSE_TYPES: Readonly<Record<string, string>> = {
  s: 'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps',
  d: 'decimal clause can only be used on integers',
  f: 'fixed-point clause can only be used on doubles',
  e: 'scientific clause can only be used on doubles',
  b: 'only integers and bools can be formatted as binary',
  x: 'only integers, byte buffers, and strings can be formatted as hex',
  X: 'only integers, byte buffers, and strings can be formatted as hex',
  o: 'octal clause can only be used on integers',
};

/** Formats the list's items into the text. @throws CelEvaluationError */
export function formatText(text: string, list: CelList): string {
  return replaceClauses(text, list.size, (clause, index) => formatItem(clause, list.at(index)));
}

/** The text with its clauses replaced, of which there may be so many. @throws CelEvaluationError for what is none */
export function replaceClauses(text: string, most: number, replace: (clause: FormatClause, index: number) => string): string {
  let next = 0;
  return text.replace(CLAUSE, (whole: string, percent?: string, precision?: string, verb?: string) => {
    if (percent !== undefined) return '%';
    if (whole === '%') throw failure('unexpected end of string');
    if (next >= most) throw failure(`index ${next} out of range`);
    return replace(readClause(precision, verb), next++);
  });
}

function readClause(precision: string | undefined, verb: string | undefined): FormatClause {
  const unread = (why: string): CelEvaluationError => failure(`could not parse formatting clause: ${why}`);
  if (verb === undefined) throw unread('error while parsing precision: could not find end of precision specifier');
  const digits = precision === undefined ? DEFAULT_PRECISION : Number(precision.slice(1));
  if (precision === '.') {
    throw unread('error while parsing precision: error while converting precision to integer: strconv.Atoi: parsing "": invalid syntax');
  }
  if (!Object.hasOwn(CLAUSE_TYPES, verb)) throw unread(`unrecognized formatting clause "${verb}"`);
  return { verb, digits };
}

function formatItem({ verb, digits }: FormatClause, value: CelValue): string {
  if (digits > MAX_PRECISION)
    throw failure(`error during formatting: precision ${digits} exceeds maximum allowed precision of ${MAX_PRECISION}`);
  switch (verb) {
    case 's':
      return stringForm(value);
    case 'd':
      return decimal(value);
    case 'f':
      return fixed(value, digits);
    case 'e':
      return scientific(value, digits);
    case 'b':
      return binary(value);
    case 'o':
      return octal(value);
    default:
      return hexadecimal(value, verb === 'X');
  }
}

function wrongType(verb: string, value: CelValue): never {
  throw failure(`error during formatting: ${CLAUSE_TYPES[verb]}, was given ${typeNameOf(value)}`);
}

const SPECIAL = new Map<number, string>([
  [Number.POSITIVE_INFINITY, 'Infinity'],
  [Number.NEGATIVE_INFINITY, '-Infinity'],
]);
const specialNumber = (value: CelValue): string | undefined =>
  typeof value === 'number' ? (Number.isNaN(value) ? 'NaN' : SPECIAL.get(value)) : undefined;

/** A value as `%s` prints it. @throws CelEvaluationError */
function stringForm(value: CelValue): string {
  if (typeof value === 'string') return value;
  if (value === null) return 'null';
  if (typeof value === 'number') return specialNumber(value) ?? doubleText(value);
  if (value instanceof CelList) return `[${Array.from(value, stringForm).join(', ')}]`;
  if (value instanceof CelMap) return `{${mapForms(value).sort().join(', ')}}`;
  if (value instanceof CelUint) return String(value.value);
  if (value instanceof CelTimestamp) return timestampText(value);
  if (value instanceof CelDuration) return durationText(value);
  if (value instanceof CelTypeValue) return value.name;
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  return wrongType('s', value);
}

const mapForms = (map: CelMap): string[] => Array.from(map.keys(), (key) => `${stringForm(key)}: ${stringForm(map.find(key) ?? null)}`);

function decimal(value: CelValue): string {
  const number = numeric(value);
  if (typeof number === 'bigint') return String(number);
  return typeof number === 'number' ? (specialNumber(number) ?? doubleText(number)) : wrongType('d', value);
}

function doubleOf(value: CelValue, verb: 'e' | 'f'): number | string {
  const number = numeric(value);
  if (number !== undefined) return specialNumber(Number(number)) ?? Number(number);
  if (typeof value === 'string' && ['NaN', 'Infinity', '-Infinity'].includes(value)) return value;
  return wrongType(verb, value);
}

function fixed(value: CelValue, digits: number): string {
  const number = doubleOf(value, 'f');
  if (typeof number === 'string') return number;
  return digits <= MAX_DIGITS ? roundedToEven(number, digits) : `${number.toFixed(MAX_DIGITS)}${'0'.repeat(digits - MAX_DIGITS)}`;
}

/** As many digits as JavaScript gives; they are exact. */
const MAX_DIGITS = 100;

/** What lies half between two goes to the even one, as Go rounds. */
function roundedToEven(number: number, digits: number): string {
  const exact = number.toFixed(MAX_DIGITS);
  const cut = exact.length - MAX_DIGITS + digits;
  const head = exact.slice(0, cut).replace(/\.$/, '');
  return /^50*$/.test(exact.slice(cut)) && /[02468]$/.test(head) ? head : number.toFixed(digits);
}

function scientific(value: CelValue, digits: number): string {
  const number = doubleOf(value, 'e');
  if (typeof number === 'string') return number;
  return number.toExponential(Math.min(digits, 100)).replace(/e([+-])(\d)$/, 'e$10$2');
}

function inBase(value: CelValue, base: number): string | undefined {
  const number = numeric(value);
  return typeof number === 'bigint' ? number.toString(base) : undefined;
}

function binary(value: CelValue): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  return inBase(value, 2) ?? wrongType('b', value);
}

function octal(value: CelValue): string {
  return inBase(value, 8) ?? wrongType('o', value);
}

function hexadecimal(value: CelValue, upper: boolean): string {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value instanceof Uint8Array ? Buffer.from(value) : undefined;
  const text = bytes?.toString('hex') ?? inBase(value, 16) ?? wrongType('x', value);
  return upper ? text.toUpperCase() : text;
}
