// CEL's extended string functions, version 2. Positions count characters (code points). Rules: "CEL extended string function library".

import { DYN, INT, listOf, STRING } from '../cel-type.ts';
import { FORMAT, JOIN, READ_FIRST, REPLACE, SPLIT, TRANSFORM, TRAVERSE } from '../cost/cost-models.ts';
import { failure } from '../errors.ts';
import { fn, listParam, method, type Overload, P } from '../overload.ts';
import { ArrayList, type CelList } from '../values.ts';
import { formatText } from './text-format.ts';

const SPACE = '[\\u0009-\\u000d\\u0020\\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const TRIM = new RegExp(`^${SPACE}+|${SPACE}+$`, 'g');

function within(index: bigint, chars: readonly string[]): number {
  if (index < 0n || index > BigInt(chars.length)) throw failure(`index out of range: ${index}`);
  return Number(index);
}

function charAt(text: string, index: bigint): string {
  const chars = [...text];
  return chars[within(index, chars)] ?? '';
}

function substring(text: string, from: bigint, to?: bigint): string {
  const chars = [...text];
  const start = within(from, chars);
  const end = to === undefined ? chars.length : within(to, chars);
  if (start > end) throw failure(`invalid substring range. start: ${start}, end: ${end}`);
  return chars.slice(start, end).join('');
}

/** Whether `part` stands at that place of `chars`. */
const standsAt = (chars: readonly string[], part: readonly string[], at: number): boolean =>
  part.every((char, offset) => chars[at + offset] === char);

function indexOf(text: string, part: string, from = 0n): bigint {
  const [chars, wanted] = [[...text], [...part]];
  const start = within(from, chars);
  if (part === '') return BigInt(start);
  for (let at = start; at + wanted.length <= chars.length; at++) if (standsAt(chars, wanted, at)) return BigInt(at);
  return -1n;
}

function lastIndexOf(text: string, part: string, from?: bigint): bigint {
  const [chars, wanted] = [[...text], [...part]];
  if (from === undefined && part === '') return BigInt(chars.length);
  const last = from === undefined ? chars.length : within(from, chars);
  if (part === '') return BigInt(last);
  for (let at = Math.min(last, chars.length - wanted.length); at >= 0; at--) if (standsAt(chars, wanted, at)) return BigInt(at);
  return -1n;
}

function replace(text: string, old: string, next: string, limit = -1): string {
  if (limit === 0 || old === next) return text;
  const count = limit < 0 ? Number.POSITIVE_INFINITY : limit;
  if (old !== '') {
    const parts = text.split(old);
    const head = parts.slice(0, Math.min(count, parts.length - 1) + 1).join(next);
    const tail = parts.slice(Math.min(count, parts.length - 1) + 1);
    return [head, ...tail].join(old);
  }
  let done = 0;
  const spaced = [...text].map((char) => (done++ < count ? next + char : char)).join('');
  return done < count ? spaced + next : spaced;
}

function split(text: string, separator: string, limit = -1): CelList {
  if (limit === 0) return new ArrayList([]);
  const parts = separator === '' ? [...text] : text.split(separator);
  if (limit < 0 || parts.length <= limit) return new ArrayList(parts);
  return new ArrayList([...parts.slice(0, limit - 1), parts.slice(limit - 1).join(separator)]);
}

function join(list: CelList, separator = ''): string {
  return Array.from(list, (item) => (typeof item === 'string' ? item : notText())).join(separator);
}

function notText(): never {
  throw failure('no such overload');
}

const lowerAscii = (text: string): string => text.replace(/[A-Z]/g, (char) => char.toLowerCase());
const upperAscii = (text: string): string => text.replace(/[a-z]/g, (char) => char.toUpperCase());

const QUOTED = new Map([
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
  ['\\', '\\\\'],
  ['"', '\\"'],
]);
const quote = (text: string): string => `"${[...text.toWellFormed()].map((char) => QUOTED.get(char) ?? char).join('')}"`;

function searches(): Overload[] {
  const shape = { params: [P.string, P.string], result: INT, cost: TRAVERSE } as const;
  const from = { params: [P.string, P.string, P.int], result: INT, cost: TRAVERSE } as const;
  return [
    method('indexOf', shape, (text, part) => indexOf(text, part)),
    method('indexOf', from, indexOf),
    method('lastIndexOf', shape, (text, part) => lastIndexOf(text, part)),
    method('lastIndexOf', from, lastIndexOf),
  ];
}

function changes(): Overload[] {
  const text = { params: [P.string], result: STRING, cost: TRANSFORM } as const;
  return [
    method('lowerAscii', text, lowerAscii),
    method('upperAscii', text, upperAscii),
    method('trim', text, (value) => value.replace(TRIM, '')),
    method('substring', { params: [P.string, P.int], result: STRING, cost: TRANSFORM }, (value, start) => substring(value, start)),
    method('substring', { params: [P.string, P.int, P.int], result: STRING, cost: TRANSFORM }, substring),
    method('charAt', { params: [P.string, P.int], result: STRING }, charAt),
    method('replace', { params: [P.string, P.string, P.string], result: STRING, cost: REPLACE }, (value, old, next) =>
      replace(value, old, next),
    ),
    method('replace', { params: [P.string, P.string, P.string, P.int], result: STRING, cost: REPLACE }, (value, old, next, limit) =>
      replace(value, old, next, Number(limit)),
    ),
  ];
}

/** The string functions. */
export function stringLibrary(): readonly Overload[] {
  const strings = listOf(STRING);
  return [
    ...searches(),
    ...changes(),
    method('split', { params: [P.string, P.string], result: strings, cost: SPLIT }, (text, separator) => split(text, separator)),
    method('split', { params: [P.string, P.string, P.int], result: strings, cost: SPLIT }, (text, separator, limit) =>
      split(text, separator, Number(limit)),
    ),
    method('join', { params: [listParam(STRING)], result: STRING, cost: JOIN }, (list) => join(list)),
    method('join', { params: [listParam(STRING), P.string], result: STRING, cost: JOIN }, join),
    method('format', { params: [P.string, listParam(DYN)], result: STRING, cost: FORMAT }, formatText),
    fn('strings.quote', { params: [P.string], result: STRING, cost: READ_FIRST }, quote),
  ];
}
