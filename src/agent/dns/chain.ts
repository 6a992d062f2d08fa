// Who answers a question, in order: the cluster's zone, the names of its addresses, then the cache and the node's resolvers.

import { cidrContains, isIpv4, parseCidr, parseIpv4 } from '../../cni/cidr.ts';
import type { DnsCache } from './cache.ts';
import { addressesIn, rcodeOf } from './codec.ts';
import type { Forwarder } from './forwarder.ts';
import { type DnsQuery, type DnsRecord, type DnsReply, type RecordReply, rcodeReply } from './message.ts';
import { answerFromZone, answerReverse, type ZoneData, type ZoneOptions } from './zone.ts';

/** What the steps work with. */
export interface ChainContext {
  readonly zone: ZoneOptions;
  readonly data: ZoneData;
  /** Prefixes of pods and Services: their addresses have names here or nowhere. */
  readonly clusterCidrs: readonly string[];
  readonly cache: DnsCache;
  readonly forwarder: Pick<Forwarder, 'ask'>;
}

/** One step: an answer, or `undefined` for the next to try. */
export interface ChainStep {
  readonly name: string;
  answer(query: DnsQuery, context: ChainContext): Promise<DnsReply> | DnsReply | undefined;
}

/** The order. */
const DNS_CHAIN: readonly ChainStep[] = [
  { name: 'cluster', answer: (query, { zone, data }) => answerFromZone(query, zone, data) },
  {
    name: 'reverse',
    answer: (query, { zone, data, clusterCidrs }) => answerReverse(query, { options: zone, data }, (ip) => isWithin(ip, clusterCidrs)),
  },
  // Without the flag the client wants only what we are the authority for (RFC 1035, RD).
  { name: 'recursion', answer: (query) => (query.recursionDesired ? undefined : rcodeReply('REFUSED')) },
  { name: 'forward', answer: (query, { cache, forwarder }) => cache.answer(query, (q) => forwarder.ask(q)) },
];

/** An ExternalName may name another; longer chains of aliases are taken for loops. */
const CHASES_MAX = 8;

/** Answers a question by the chain. */
export async function answerQuery(query: DnsQuery, context: ChainContext, chases = CHASES_MAX): Promise<DnsReply> {
  for (const step of DNS_CHAIN) {
    const reply = await step.answer(query, context);
    if (reply === undefined) continue;
    if (reply.kind === 'message' || reply.chase === undefined) return reply;
    return chases === 0 ? rcodeReply('SERVFAIL') : followAlias(query, reply, { context, chases: chases - 1 });
  }
  return rcodeReply('REFUSED');
}

/** Stub resolvers do not follow aliases themselves: what the alias stands for goes into the same answer. */
async function followAlias(
  query: DnsQuery,
  reply: RecordReply,
  { context, chases }: { context: ChainContext; chases: number },
): Promise<RecordReply> {
  const name = reply.chase ?? '';
  const next: DnsQuery = { ...query, name, question: encodeQuestion(name, query.question), recursionDesired: true };
  const found = await answerQuery(next, context, chases);
  const rcode = rcodeOf(found);
  // The code is that of the last name of the chain (RFC 6604).
  if (rcode !== 'NOERROR' && rcode !== 'NXDOMAIN') return rcodeReply(rcode);
  const more: readonly DnsRecord[] = found.kind === 'message' ? addressesIn(found) : found.answers;
  return { ...reply, rcode, answers: [...reply.answers, ...more] };
}

/** A question section for `name`, with type and class of another. */
function encodeQuestion(name: string, like: Uint8Array): Uint8Array {
  const labels = name.split('.').flatMap((label) => [Buffer.of(Math.min(label.length, 63)), Buffer.from(label.slice(0, 63), 'latin1')]);
  return Buffer.concat([...labels, Buffer.of(0), like.subarray(-4)]);
}

function isWithin(ip: string, cidrs: readonly string[]): boolean {
  return isIpv4(ip) && cidrs.some((cidr) => cidrContains(parseCidr(cidr), parseIpv4(ip)));
}
