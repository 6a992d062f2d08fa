// Address ranges as numbers: which addresses a range holds, for both families. Pure.

/** A range of addresses. */
export interface Cidr {
  readonly family: 'IPv4' | 'IPv6';
  /** First address. */
  readonly base: bigint;
  /** Number of addresses. */
  readonly size: bigint;
}

/** An address as a number. @throws RangeError when it is none */
export function addressNumber(text: string): bigint {
  if (text.includes(':')) return ipv6Number(text);
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256))
    throw new RangeError(`not an address: ${text}`);
  return parts.reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
}

function ipv6Number(text: string): bigint {
  const [head = '', tail, more] = text.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const gap = 8 - left.length - right.length;
  const groups = tail === undefined ? left : [...left, ...Array.from({ length: Math.max(gap, 0) }, () => '0'), ...right];
  if (more !== undefined || groups.length !== 8 || !groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group)))
    throw new RangeError(`not an address: ${text}`);
  return groups.reduce((sum, group) => (sum << 16n) | BigInt(Number.parseInt(group, 16)), 0n);
}

/** Parses `10.43.0.0/16`. @throws RangeError */
export function parseCidr(text: string): Cidr {
  const [address = '', bits = ''] = text.split('/');
  const family = address.includes(':') ? 'IPv6' : 'IPv4';
  const width = family === 'IPv6' ? 128 : 32;
  const prefix = /^\d{1,3}$/.test(bits) ? Number(bits) : -1;
  if (prefix < 0 || prefix > width) throw new RangeError(`not a range of addresses: ${text}`);
  const size = 1n << BigInt(width - prefix);
  const number = addressNumber(address);
  return { family, base: number - (number % size), size };
}

/** Whether an address lies in a range. */
export function contains(cidr: Cidr, address: string): boolean {
  if (address.includes(':') !== (cidr.family === 'IPv6')) return false;
  const number = addressNumber(address);
  return number >= cidr.base && number < cidr.base + cidr.size;
}

/** Whether all of `inner` lies in a range. */
export function containsRange(cidr: Cidr, inner: Cidr): boolean {
  return cidr.family === inner.family && inner.base >= cidr.base && inner.base + inner.size <= cidr.base + cidr.size;
}

/** The n-th address of a range as text. */
export function addressAt(cidr: Cidr, index: bigint): string {
  const number = cidr.base + index;
  if (cidr.family === 'IPv4') return [24n, 16n, 8n, 0n].map((shift) => String((number >> shift) & 255n)).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => Number((number >> BigInt(16 * (7 - i))) & 0xffffn).toString(16));
  return compress(groups);
}

/** The canonical text of IPv6: the longest run of zero groups becomes `::` (RFC 5952). */
function compress(groups: readonly string[]): string {
  const runs = [...groups.join(':').matchAll(/(?:^|(?<=:))0(?::0)+(?=:|$)/g)];
  const longest = runs.reduce<RegExpExecArray | undefined>(
    (best, run) => (best === undefined || run[0].length > best[0].length ? run : best),
    undefined,
  );
  const text = groups.join(':');
  if (!longest) return text;
  const left = text.slice(0, longest.index).replace(/:$/, '');
  const right = text.slice(longest.index + longest[0].length).replace(/^:/, '');
  return `${left}::${right}`;
}
