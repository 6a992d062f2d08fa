// IP addresses as the bytes that certificates and packets hold, and back.

import { isIPv4, isIPv6 } from 'node:net';

/** 4 or 16 bytes of an address in text form. @throws RangeError when it is not one. */
export function ipBytes(ip: string): Uint8Array {
  if (isIPv4(ip)) return Uint8Array.from(ip.split('.'), Number);
  if (!isIPv6(ip) || ip.includes('%')) throw new RangeError(`not an IP address: ${ip}`);
  // The URL parser writes every form of an IPv6 address as groups of hexadecimal digits.
  const [head = '', tail = ''] = new URL(`http://[${ip}]`).hostname.slice(1, -1).split('::');
  const groups = (text: string): number[] => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)));
  const left = groups(head);
  const right = groups(tail);
  const all = [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right];
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}

/** Text of 4 or 16 bytes, IPv6 in its short form. @throws RangeError for another number of bytes. */
export function ipText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.length !== 16) throw new RangeError(`an IP address has 4 or 16 bytes, not ${bytes.length}`);
  const hex = Buffer.from(bytes)
    .toString('hex')
    .replace(/.{4}(?=.)/g, '$&:');
  return new URL(`http://[${hex}]`).hostname.slice(1, -1);
}
