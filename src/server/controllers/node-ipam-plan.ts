// Which pod CIDR a node gets: the first free block of the cluster CIDR. Pure. Rules: kube-controller-manager's range allocator.

import { isIPv4 } from 'node:net';
import { ipBytes } from '../../base/ip-bytes.ts';

/** A cluster CIDR and the size of its blocks, as prefix lengths. */
export interface CidrPool {
  /** e.g. `10.42.0.0/16`. */
  readonly cidr: string;
  /** Prefix length of a node's block. */
  readonly nodeMask: number;
}

/** The pools of cluster CIDRs: /24 per node for IPv4, /64 for IPv6, unless the cluster CIDR is smaller. */
export function cidrPools(cidrs: readonly string[]): CidrPool[] {
  return cidrs.map((cidr) => ({ cidr, nodeMask: Math.max(isIPv4(cidr.split('/')[0] ?? '') ? 24 : 64, Number(cidr.split('/')[1])) }));
}

interface Block {
  readonly base: bigint;
  readonly prefix: number;
  readonly bits: 32 | 128;
}

/** @throws RangeError for a text that is no CIDR. */
function parse(cidr: string): Block {
  const [address = '', length = ''] = cidr.split('/');
  const bits = isIPv4(address) ? 32 : 128;
  const prefix = Number(length);
  if (!/^\d{1,3}$/.test(length) || prefix > bits) throw new RangeError(`not a CIDR: ${cidr}`);
  const value = ipBytes(address).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const host = BigInt(bits - prefix);
  return { base: (value >> host) << host, prefix, bits };
}

function format({ base, prefix, bits }: Block): string {
  const group = bits === 32 ? 8n : 16n;
  const mask = (1n << group) - 1n;
  const groups = Array.from({ length: bits / Number(group) }, (_, i) => (base >> (BigInt(bits) - group * BigInt(i + 1))) & mask);
  if (bits === 32) return `${groups.join('.')}/${prefix}`;
  // The URL parser writes the shortest form of an IPv6 address.
  return `${new URL(`http://[${groups.map((g) => g.toString(16)).join(':')}]`).hostname.slice(1, -1)}/${prefix}`;
}

const overlaps = (a: Block, b: Block): boolean => {
  const prefix = Math.min(a.prefix, b.prefix);
  return a.bits === b.bits && a.base >> BigInt(a.bits - prefix) === b.base >> BigInt(b.bits - prefix);
};

/** The first block of the pool that overlaps none of `used`; undefined when there is none. */
export function firstFreeCidr(pool: CidrPool, used: readonly string[]): string | undefined {
  const cluster = parse(pool.cidr);
  const taken = used.map(parse);
  const size = 1n << BigInt(cluster.bits - pool.nodeMask);
  const count = 1n << BigInt(pool.nodeMask - cluster.prefix);
  // At most one block more than there are taken ones has to be looked at: each taken one rules out one, or a range that is skipped.
  for (let index = 0n; index < count; ) {
    const block: Block = { base: cluster.base + index * size, prefix: pool.nodeMask, bits: cluster.bits };
    const hit = taken.find((other) => overlaps(other, block));
    if (!hit) return format(block);
    const end = hit.base + (1n << BigInt(hit.bits - hit.prefix));
    const skip = (end - cluster.base + size - 1n) / size;
    index = skip > index ? skip : index + 1n;
  }
  return undefined;
}
