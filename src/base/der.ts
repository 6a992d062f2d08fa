// DER, the encoding of certificates (ITU-T X.690): what X.509 and PKCS #10 need of it, both ways. Reading is strict, since what is
// read decides who somebody is: definite minimal lengths only, nothing left over.

import { KtsError } from './errors.ts';

/** Tags of the types used here. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** One encoded value. */
export type Der = Uint8Array;

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** A value of any tag. */
export function encode(tag: number, content: Uint8Array): Der {
  const { length } = content;
  if (length < 0x80) return concat([Uint8Array.of(tag, length), content]);
  const digits = Buffer.from(length.toString(16).padStart(length > 0xffff ? 6 : length > 0xff ? 4 : 2, '0'), 'hex');
  return concat([Uint8Array.of(tag, 0x80 | digits.length), digits, content]);
}

/** SEQUENCE of the given values. */
export const sequence = (...items: Der[]): Der => encode(TAG.sequence, concat(items));
/** SET of one value (a set of several would have to be sorted). */
export const setOf = (item: Der): Der => encode(TAG.set, item);
/** Context tag `n` around values: EXPLICIT. */
export const explicit = (n: number, ...items: Der[]): Der => encode(0xa0 | n, concat(items));
/** Context tag `n` in place of a primitive type's own: IMPLICIT. */
export const implicit = (n: number, content: Uint8Array): Der => encode(0x80 | n, content);
/** INTEGER of an unsigned big-endian number without leading zeros. */
export const unsigned = (bytes: Uint8Array): Der => encode(TAG.integer, (bytes[0] ?? 0) & 0x80 ? concat([Uint8Array.of(0), bytes]) : bytes);
/** OCTET STRING. */
export const octetString = (content: Uint8Array): Der => encode(TAG.octetString, content);
/** BIT STRING of whole bytes, or with `unused` bits at its end. */
export const bitString = (content: Uint8Array, unused = 0): Der => encode(TAG.bitString, concat([Uint8Array.of(unused), content]));
/** UTF8String. */
export const utf8String = (text: string): Der => encode(TAG.utf8String, Buffer.from(text));
/** BOOLEAN true; false is a default everywhere here, so it is never written. */
export const TRUE: Der = encode(TAG.boolean, Uint8Array.of(0xff));

/** OBJECT IDENTIFIER from its dotted form. */
export function oid(dotted: string): Der {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes: number[] = [];
  for (const arc of [first * 40 + second, ...rest]) {
    const septets = [arc & 0x7f];
    for (let high = Math.floor(arc / 128); high > 0; high = Math.floor(high / 128)) septets.unshift(0x80 | (high & 0x7f));
    bytes.push(...septets);
  }
  return encode(TAG.oid, Uint8Array.from(bytes));
}

/** Time as certificates hold it (RFC 5280, 4.1.2.5): UTCTime up to 2049, then GeneralizedTime. Whole seconds, cut off. */
export function time(ms: number): Der {
  const digits = new Date(ms).toISOString().slice(0, 19).replace(/[-:T]/g, '');
  const utc = Number(digits.slice(0, 4)) < 2050;
  return encode(utc ? TAG.utcTime : TAG.generalizedTime, Buffer.from(`${utc ? digits.slice(2) : digits}Z`));
}

/** One value as read. */
export interface DerValue {
  readonly tag: number;
  readonly content: Uint8Array;
  /** Tag, length and content. */
  readonly raw: Uint8Array;
}

/** What is read is not what it should be. */
export function malformed(what: string): KtsError {
  return new KtsError('malformed-der', `malformed ${what}`);
}

/** The values that follow each other in `bytes`. @throws KtsError `malformed-der` */
export function readValues(bytes: Uint8Array): DerValue[] {
  const out: DerValue[] = [];
  for (let at = 0; at < bytes.length; ) {
    const value = readAt(bytes, at);
    out.push(value);
    at += value.raw.length;
  }
  return out;
}

/** The one value that `bytes` is, of the given tag. @throws KtsError `malformed-der` */
export function readValue(bytes: Uint8Array, tag: number): DerValue {
  const [value, ...more] = readValues(bytes);
  if (value?.tag !== tag || more.length > 0) throw malformed('value');
  return value;
}

/** The parts of a SEQUENCE, SET or explicit tag. @throws KtsError `malformed-der` when `value` is absent or of another tag. */
export function partsOf(value: DerValue | undefined, tag: number): DerValue[] {
  if (value?.tag !== tag) throw malformed('structure');
  return readValues(value.content);
}

/** The bytes of a BIT STRING of whole bytes. @throws KtsError `malformed-der` */
export function bitsOf(value: DerValue | undefined): Uint8Array {
  if (value?.tag !== TAG.bitString || value.content[0] !== 0) throw malformed('bit string');
  return value.content.subarray(1);
}

/** Dotted form of an OBJECT IDENTIFIER. @throws KtsError `malformed-der` */
export function oidOf(value: DerValue | undefined): string {
  const last = value?.content.at(-1);
  if (value?.tag !== TAG.oid || last === undefined || last & 0x80) throw malformed('object identifier');
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of value.content) {
    arc = arc * 128 + (byte & 0x7f);
    if (arc > Number.MAX_SAFE_INTEGER / 128) throw malformed('object identifier');
    if (byte & 0x80) continue;
    arcs.push(arc);
    arc = 0;
  }
  const [head = 0, ...rest] = arcs;
  const first = Math.min(2, Math.floor(head / 40));
  return [first, head - first * 40, ...rest].join('.');
}

/** Text of a character string. @throws KtsError `malformed-der` for other types and for text that is not of its type. */
export function textOf(value: DerValue | undefined): string {
  switch (value?.tag) {
    case TAG.utf8String:
      return decodeUtf8(value.content);
    case TAG.printableString:
    case TAG.ia5String:
      if (value.content.some((byte) => byte > 0x7f)) throw malformed('character string');
      return Buffer.from(value.content).toString('latin1');
    case TAG.teletexString:
      return Buffer.from(value.content).toString('latin1');
    default:
      throw malformed('character string');
  }
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw malformed('character string');
  }
}

/** Milliseconds of a UTCTime or GeneralizedTime in the form of RFC 5280. @throws KtsError `malformed-der` */
export function timeOf(value: DerValue | undefined): number {
  const text = Buffer.from(value?.content ?? []).toString('latin1');
  const utc = value?.tag === TAG.utcTime && /^\d{12}Z$/.test(text);
  if (!utc && !(value?.tag === TAG.generalizedTime && /^\d{14}Z$/.test(text))) throw malformed('time');
  const digits = utc ? `${Number(text.slice(0, 2)) < 50 ? '20' : '19'}${text}` : text;
  const ms = Date.parse(digits.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (Number.isNaN(ms)) throw malformed('time');
  return ms;
}

function readAt(bytes: Uint8Array, at: number): DerValue {
  const tag = bytes[at] ?? 0;
  const first = bytes[at + 1] ?? 0x80;
  if ((tag & 0x1f) === 0x1f) throw malformed('tag');
  let start = at + 2;
  let length = first;
  if (first >= 0x80) {
    const digits = bytes.subarray(start, start + (first & 0x7f));
    start += digits.length;
    length = digits.reduce((sum, digit) => sum * 256 + digit, 0);
    if (digits.length === 0 || digits.length > 4 || digits.length < (first & 0x7f) || digits[0] === 0 || length < 0x80)
      throw malformed('length');
  }
  if (start + length > bytes.length) throw malformed('length');
  return { tag, content: bytes.subarray(start, start + length), raw: bytes.subarray(at, start + length) };
}
