// DNS wire format of what is made here, by dns-packet (only this file names it). Messages that are handed on are not decoded: wire.ts.

import {
  type Answer,
  AUTHORITATIVE_ANSWER,
  decode,
  encode,
  type Packet,
  RECURSION_AVAILABLE,
  RECURSION_DESIRED,
  TRUNCATED_RESPONSE,
} from 'dns-packet';
import type { DnsQuery, DnsRecord, DnsReply, MessageReply, Rcode, RecordReply } from './message.ts';
import { messageLayout, questionEnd, truncate, withId } from './wire.ts';

/** Largest UDP answer: what passes every network without fragments (DNS flag day 2020). */
export const UDP_MAX = 1232;
/** Largest UDP answer to a client without EDNS0 (RFC 1035). */
const PLAIN_UDP_MAX = 512;
const RCODES: Readonly<Record<Rcode, number>> = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 };
const RCODE_NAMES: readonly Rcode[] = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];

/** What arrived: a question, a message to refuse with a code, or one that deserves no answer (`undefined`). */
export type Received = { readonly query: DnsQuery } | { readonly refusal: Uint8Array } | undefined;

/** Reads a message of a client. */
export function readQuery(bytes: Uint8Array, transport: DnsQuery['transport']): Received {
  if (bytes.length < 12 || (bytes[2] ?? 0) & 0x80) return undefined; // No header, or an answer: answering those makes loops.
  const header = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if ((header.readUInt8(2) >> 3) & 15) return { refusal: bareReply(header, 'NOTIMP') };
  try {
    const packet = decode(header);
    const [question] = packet.questions ?? [];
    if (!question || packet.questions?.length !== 1) return { refusal: bareReply(header, 'FORMERR') };
    if (question.class !== 'IN' && question.class !== 'ANY') return { refusal: bareReply(header, 'REFUSED') };
    const opt = packet.additionals?.find((record) => record.type === 'OPT');
    return {
      query: {
        id: packet.id ?? 0,
        name: question.name.toLowerCase().replace(/\.$/, ''),
        type: question.type,
        question: bytes.subarray(12, questionEnd(bytes)),
        recursionDesired: ((packet.flags ?? 0) & RECURSION_DESIRED) !== 0,
        edns: opt?.type === 'OPT' ? { size: Math.max(opt.udpPayloadSize, PLAIN_UDP_MAX), dnssec: opt.flag_do === true } : undefined,
        transport,
      },
    };
  } catch {
    // Malformed: the library throws on anything that is cut short.
    return { refusal: bareReply(header, 'FORMERR') };
  }
}

/** A header without sections. */
function bareReply(query: Buffer, rcode: Rcode): Uint8Array {
  const reply = Buffer.alloc(12);
  query.copy(reply, 0, 0, 2);
  reply.writeUInt8(0x80 | (query.readUInt8(2) & 0x79), 2);
  reply.writeUInt8(RCODES[rcode], 3);
  return reply;
}

/** The bytes of an answer, cut to what the client can take: then with the truncation flag, and it asks again by TCP. */
export function writeReply(query: DnsQuery, reply: DnsReply): Uint8Array {
  const max = query.transport === 'tcp' ? 65_535 : Math.min(query.edns?.size ?? PLAIN_UDP_MAX, UDP_MAX);
  if (reply.kind === 'message') {
    const bytes = withId(reply.bytes, query);
    return bytes.length <= max ? bytes : truncate(bytes);
  }
  const whole = encodeRecords(query, reply, 0);
  if (whole.length <= max) return whole;
  // Additional records are an extra: without them the answer is still complete.
  const lean = encodeRecords(query, { ...reply, additionals: [] }, 0);
  if (lean.length <= max) return lean;
  return encodeFitting(query, reply, max);
}

/** As many answers as fit, found by halving. */
function encodeFitting(query: DnsQuery, reply: RecordReply, max: number): Uint8Array {
  let low = 0;
  let high = reply.answers.length;
  const cut = (count: number) =>
    encodeRecords(query, { ...reply, answers: reply.answers.slice(0, count), authorities: [], additionals: [] }, TRUNCATED_RESPONSE);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (cut(middle).length <= max) low = middle;
    else high = middle - 1;
  }
  return cut(low);
}

function encodeRecords(query: DnsQuery, reply: RecordReply, flags: number): Uint8Array {
  const packet: Packet = {
    type: 'response',
    id: query.id,
    flags:
      flags |
      RCODES[reply.rcode] |
      RECURSION_AVAILABLE |
      (query.recursionDesired ? RECURSION_DESIRED : 0) |
      (reply.authoritative ? AUTHORITATIVE_ANSWER : 0),
    answers: reply.answers.map(toAnswer),
    authorities: reply.authorities.map(toAnswer),
    additionals: [...reply.additionals.map(toAnswer), ...(query.edns ? [OPT] : [])],
  };
  const sections = encode(packet);
  // The question goes in as it came: the library would not keep its letter case and type.
  const out = Buffer.concat([sections.subarray(0, 12), query.question, sections.subarray(12)]);
  out.writeUInt16BE(1, 4);
  return out;
}

const OPT: Answer = {
  type: 'OPT',
  name: '.',
  udpPayloadSize: UDP_MAX,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
};

function toAnswer(record: DnsRecord): Answer {
  switch (record.type) {
    case 'SRV':
      return { ...record, data: { ...record.data } };
    case 'SOA':
      return { ...record, data: { ...record.data } };
    default:
      return { ...record };
  }
}

/** The response code of an answer; codes that are not known here count as SERVFAIL. */
export function rcodeOf(reply: DnsReply): Rcode {
  if (reply.kind === 'records') return reply.rcode;
  const code = messageLayout(reply.bytes).rcode;
  return RCODE_NAMES.find((name) => RCODES[name] === code) ?? 'SERVFAIL';
}

const ADDRESS_TYPES = ['A', 'AAAA', 'CNAME'] as const;

/** The addresses and aliases in another server's answer: what is added when a name here is an alias of one there. */
export function addressesIn(reply: MessageReply): DnsRecord[] {
  try {
    return (decode(Buffer.from(reply.bytes)).answers ?? []).flatMap((answer): DnsRecord[] => {
      const type = ADDRESS_TYPES.find((t) => t === answer.type);
      if (!type || !('data' in answer) || typeof answer.data !== 'string') return [];
      return [{ type, name: answer.name, ttl: 'ttl' in answer ? (answer.ttl ?? 0) : 0, data: answer.data }];
    });
  } catch {
    return []; // The other server's answer is broken: the alias alone is what is known.
  }
}
