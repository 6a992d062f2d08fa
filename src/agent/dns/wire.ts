// The layout of DNS messages that are handed on without being understood: where the question ends, where the TTLs are. RFC 1035 section 4.

import type { DnsQuery } from './message.ts';

/** What a cache and a forwarder need to know of an answer. */
export interface MessageLayout {
  readonly id: number;
  readonly rcode: number;
  readonly truncated: boolean;
  readonly questionEnd: number;
  /** Offsets of the 32-bit TTLs of all records but OPT. */
  readonly ttlOffsets: readonly number[];
  /** Seconds it may be kept: the least TTL of the answers, or for a negative answer what the SOA says (RFC 2308); 0 = not at all. */
  readonly keepSeconds: number;
}

const TYPE_SOA = 6;
const TYPE_OPT = 41;

/** Offset after the name at `offset`. @throws RangeError when the message ends within. */
function skipName(bytes: Uint8Array, offset: number): number {
  let at = offset;
  for (;;) {
    const length = bytes[at];
    if (length === undefined) throw new RangeError('DNS message is cut short');
    if (length >= 0xc0) return at + 2;
    if (length === 0) return at + 1;
    at += length + 1;
  }
}

/** Offset after the only question. @throws RangeError */
export function questionEnd(bytes: Uint8Array): number {
  const end = skipName(bytes, 12) + 4;
  if (end > bytes.length) throw new RangeError('DNS message is cut short');
  return end;
}

/** Walks an answer with one question. @throws RangeError when it is malformed. */
export function messageLayout(bytes: Uint8Array): MessageLayout {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.length < 12 || view.readUInt16BE(4) !== 1) throw new RangeError('DNS answer without its question');
  const end = questionEnd(bytes);
  const ttlOffsets: number[] = [];
  const answers = view.readUInt16BE(6);
  const count = answers + view.readUInt16BE(8) + view.readUInt16BE(10);
  let keep = Number.POSITIVE_INFINITY;
  let negative = 0;
  let at = end;
  for (let i = 0; i < count; i += 1) {
    const fields = skipName(bytes, at);
    const type = view.readUInt16BE(fields);
    const ttl = view.readUInt32BE(fields + 4);
    const next = fields + 10 + view.readUInt16BE(fields + 8);
    if (next > view.length) throw new RangeError('DNS message is cut short');
    if (type !== TYPE_OPT) ttlOffsets.push(fields + 4);
    if (i < answers) keep = Math.min(keep, ttl);
    else if (type === TYPE_SOA) negative = Math.min(ttl, view.readUInt32BE(next - 4));
    at = next;
  }
  const flags = view.readUInt16BE(2);
  const keepSeconds = answers > 0 ? keep : negative;
  return { id: view.readUInt16BE(0), rcode: flags & 15, truncated: (flags & 0x200) !== 0, questionEnd: end, ttlOffsets, keepSeconds };
}

/** A copy under the client's id, with its question in its letter case. */
export function withId(bytes: Uint8Array, query: Pick<DnsQuery, 'id' | 'question'>): Uint8Array {
  const copy = Buffer.from(bytes);
  copy.writeUInt16BE(query.id, 0);
  if (questionEnd(copy) === 12 + query.question.length) copy.set(query.question, 12);
  return copy;
}

/** Header and question alone, with the truncation flag. */
export function truncate(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.from(bytes.subarray(0, questionEnd(bytes)));
  copy.writeUInt8(copy.readUInt8(2) | 0x02, 2);
  copy.fill(0, 6, 12);
  return copy;
}

/** A copy whose TTLs are less by `seconds`, at least 0. */
export function aged(bytes: Uint8Array, ttlOffsets: readonly number[], seconds: number): Uint8Array {
  const copy = Buffer.from(bytes);
  for (const offset of ttlOffsets) copy.writeUInt32BE(Math.max(0, copy.readUInt32BE(offset) - seconds), offset);
  return copy;
}

/** A query to another server: recursion desired, and EDNS0 where the client used it. */
export function forwardedQuery(id: number, query: DnsQuery, size: number): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE(0x0100, 2);
  header.writeUInt16BE(1, 4);
  if (!query.edns) return Buffer.concat([header, query.question]);
  header.writeUInt16BE(1, 10);
  const opt = Buffer.alloc(11);
  opt.writeUInt16BE(TYPE_OPT, 1);
  opt.writeUInt16BE(size, 3);
  opt.writeUInt8(query.edns.dnssec ? 0x80 : 0, 7);
  return Buffer.concat([header, query.question, opt]);
}
