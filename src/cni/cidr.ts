// Arithmetic on IPv4 addresses and prefixes, as unsigned 32-bit numbers.

/** An IPv4 prefix, host bits zero. */
export interface Cidr {
  /** First address. */
  readonly base: number;
  /** Prefix length, 0 to 32. */
  readonly bits: number;
}

/** @throws RangeError when `text` is not a dotted IPv4 address without leading zeros. */
export function parseIpv4(text: string): number {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  const parts = match?.slice(1) ?? [];
  if (parts.length !== 4 || parts.some((p) => Number(p) > 255 || (p.length > 1 && p.startsWith('0')))) {
    throw new RangeError(`not an IPv4 address: ${text}`);
  }
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** Whether `text` is an IPv4 address. */
export function isIpv4(text: string): boolean {
  try {
    parseIpv4(text);
    return true;
  } catch {
    return false; // The question is the answer.
  }
}

/** Dotted form. */
export function formatIpv4(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}

/** Parses `a.b.c.d/n`; host bits are cleared. @throws RangeError */
export function parseCidr(text: string): Cidr {
  const [address = '', bits = ''] = text.split('/');
  if (!/^\d{1,2}$/.test(bits) || Number(bits) > 32) throw new RangeError(`not an IPv4 prefix: ${text}`);
  const size = 2 ** (32 - Number(bits));
  const base = parseIpv4(address);
  return { base: base - (base % size), bits: Number(bits) };
}

/** `a.b.c.d/n`. */
export function formatCidr(cidr: Cidr): string {
  return `${formatIpv4(cidr.base)}/${cidr.bits}`;
}

/** Number of addresses. */
export function cidrSize(cidr: Cidr): number {
  return 2 ** (32 - cidr.bits);
}

/** Whether the address lies in the prefix. */
export function cidrContains(cidr: Cidr, address: number): boolean {
  return address >= cidr.base && address < cidr.base + cidrSize(cidr);
}

/** The first address after the network's own: the gateway of a pod network. */
export function gatewayOf(cidr: Cidr): string {
  return formatIpv4(cidr.base + 1);
}

/** A locally administered MAC that follows from the address: the same address never has two, so no ARP entry is ever stale. */
export function macOf(address: string): string {
  const value = parseIpv4(address);
  return ['0a', '58', ...[24, 16, 8, 0].map((shift) => ((value >>> shift) & 255).toString(16).padStart(2, '0'))].join(':');
}
