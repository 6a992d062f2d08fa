// The values of CEL's literals: numbers in their ranges, strings and bytes with their escapes. Rules: CEL specification, "String and Bytes Values".

import { CelUint } from '../values.ts';

/** The least int. */
export const MIN_INT = -(2n ** 63n);
/** The greatest int. */
export const MAX_INT = 2n ** 63n - 1n;
/** The greatest uint. */
export const MAX_UINT = 2n ** 64n - 1n;

const ESCAPES = new Map([
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['\\', '\\'],
  ["'", "'"],
  ['"', '"'],
  ['`', '`'],
  ['?', '?'],
]);

/** The int of a literal with its sign, or undefined if it is out of range. */
export function intLiteral(text: string, negative: boolean): bigint | undefined {
  const value = negative ? -BigInt(text) : BigInt(text);
  return value >= MIN_INT && value <= MAX_INT ? value : undefined;
}

/** The uint of a literal that ends in `u`, or undefined if it is out of range. */
export function uintLiteral(text: string): CelUint | undefined {
  const value = BigInt(text.slice(0, -1));
  return value <= MAX_UINT ? new CelUint(value) : undefined;
}

/** What a literal of a string or of bytes says, or why it says nothing. */
export type TextLiteral = { readonly value: string | Uint8Array } | { readonly fault: string };

/** Reads a string or bytes literal with its prefix and quotes. */
export function textLiteral(token: string): TextLiteral {
  const prefix = /^[rRbB]*/.exec(token)?.[0].toLowerCase() ?? '';
  const quoted = token.slice(prefix.length);
  const width = quoted.startsWith('"""') || quoted.startsWith("'''") ? 3 : 1;
  const body = quoted.slice(width, -width).replaceAll('\r\n', '\n').replaceAll('\r', '\n');
  const isBytes = prefix.includes('b');
  if (prefix.includes('r') || !body.includes('\\')) return { value: isBytes ? new Uint8Array(Buffer.from(body)) : body };
  return isBytes ? unescapeBytes(body) : unescapeString(body);
}

const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|X([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|([abfnrtv\\'"`?])|)/g;

function unescapeString(body: string): TextLiteral {
  let fault: string | undefined;
  const value = body.replace(ESCAPE, (whole, x, capitalX, u, capitalU, octal, letter) => {
    if (letter !== undefined) return ESCAPES.get(letter) ?? '';
    const hex: string | undefined = x ?? capitalX ?? u ?? capitalU;
    const point = hex !== undefined ? Number.parseInt(hex, 16) : octal !== undefined ? Number.parseInt(octal, 8) : -1;
    if (whole === '\\') fault ??= 'unable to unescape string';
    else if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) fault ??= 'invalid unicode code point';
    return fault === undefined ? String.fromCodePoint(point) : '';
  });
  return fault === undefined ? { value } : { fault };
}

function unescapeBytes(body: string): TextLiteral {
  const parts: Buffer[] = [];
  let fault: string | undefined;
  let end = 0;
  for (const match of body.matchAll(ESCAPE)) {
    parts.push(Buffer.from(body.slice(end, match.index)));
    end = match.index + match[0].length;
    const [whole, x, capitalX, u, capitalU, octal, letter] = match;
    if (letter !== undefined) parts.push(Buffer.from(ESCAPES.get(letter) ?? ''));
    else if (u !== undefined || capitalU !== undefined || whole === '\\') fault ??= 'unable to unescape string';
    else parts.push(Buffer.from([octal !== undefined ? Number.parseInt(octal, 8) : Number.parseInt(x ?? capitalX ?? '', 16)]));
  }
  parts.push(Buffer.from(body.slice(end)));
  return fault === undefined ? { value: new Uint8Array(Buffer.concat(parts)) } : { fault };
}
