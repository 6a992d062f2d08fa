// IP addresses and networks in CEL. Rules: "Kubernetes CEL libraries", "Kubernetes IP address library" and "Kubernetes CIDR library".

import { isIP } from 'node:net';
import { ipBytes, ipText } from '../../../base/ip-bytes.ts';
import { BOOL, INT, opaque, STRING } from '../cel-type.ts';
import { containment, READ_FIRST, READ_TWICE } from '../cost/cost-models.ts';
import { failure } from '../errors.ts';
import { CIDR, IP } from '../opaque-types.ts';
import { fn, method, type Overload, opaqueParam, P } from '../overload.ts';
import { CelOpaque } from '../values.ts';

/** An address. */
class IpValue extends CelOpaque {
  readonly typeName = IP;
  readonly bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    super();
    this.bytes = bytes;
  }
  get text(): string {
    return ipText(this.bytes);
  }
  equals(other: CelOpaque): boolean {
    return other instanceof IpValue && Buffer.compare(this.bytes, other.bytes) === 0;
  }
}

/** A network: an address and the length of its prefix. */
class CidrValue extends CelOpaque {
  readonly typeName = CIDR;
  readonly bytes: Uint8Array;
  readonly bits: number;
  constructor(bytes: Uint8Array, bits: number) {
    super();
    this.bytes = bytes;
    this.bits = bits;
  }
  get text(): string {
    return `${ipText(this.bytes)}/${this.bits}`;
  }
  /** The address with what is after the prefix set to zero. */
  get masked(): Uint8Array {
    return maskedBytes(this.bytes, this.bits);
  }
  equals(other: CelOpaque): boolean {
    return other instanceof CidrValue && this.bits === other.bits && Buffer.compare(this.bytes, other.bytes) === 0;
  }
}

function maskedBytes(bytes: Uint8Array, bits: number): Uint8Array {
  return bytes.map((byte, index) => {
    const kept = Math.min(Math.max(bits - index * 8, 0), 8);
    return byte & (0xff << (8 - kept)) & 0xff;
  });
}

const isMapped = (bytes: Uint8Array): boolean =>
  bytes.length === 16 && bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;

/** An address in the strict form: no zone, no IPv4 in IPv6. @throws CelEvaluationError */
function parseIp(text: string): IpValue {
  const fault = (why: string): never => {
    throw failure(`IP Address "${text}" parse error during conversion from string: ${why}`);
  };
  if (isIP(text) === 0) return fault(`ParseAddr("${text}"): unable to parse IP`);
  if (text.includes('%')) throw failure(`IP address "${text}" with zone value is not allowed`);
  const bytes = ipBytes(text);
  if (isMapped(bytes)) throw failure(`IPv4-mapped IPv6 address "${text}" is not allowed`);
  return new IpValue(bytes);
}

/** A network. @throws CelEvaluationError */
function parseCidr(text: string): CidrValue {
  const [address = '', bits = '', ...rest] = text.split('/');
  const family = isIP(address);
  if (
    rest.length > 0 ||
    family === 0 ||
    address.includes('%') ||
    !/^(0|[1-9]\d{0,2})$/.test(bits) ||
    Number(bits) > (family === 4 ? 32 : 128)
  ) {
    throw failure(`network address parse error during conversion from string: netip.ParsePrefix("${text}"): unable to parse prefix`);
  }
  const bytes = ipBytes(address);
  if (isMapped(bytes)) throw failure(`IPv4-mapped IPv6 address "${address}" is not allowed`);
  return new CidrValue(bytes, Number(bits));
}

const parses = (parse: (text: string) => unknown, text: string): boolean => {
  try {
    parse(text);
    return true;
  } catch {
    return false; // The question is only whether it is one.
  }
};

const startsWith = (bytes: Uint8Array, ...prefix: number[]): boolean => prefix.every((byte, index) => bytes[index] === byte);
const isFour = ({ bytes }: IpValue): boolean => bytes.length === 4;
const isUnspecified = ({ bytes }: IpValue): boolean => bytes.every((byte) => byte === 0);
const isLoopback = (ip: IpValue): boolean =>
  isFour(ip) ? ip.bytes[0] === 127 : ip.bytes.every((byte, index) => byte === (index === 15 ? 1 : 0));
const isLinkLocalMulticast = (ip: IpValue): boolean =>
  isFour(ip) ? startsWith(ip.bytes, 224, 0, 0) : ip.bytes[0] === 0xff && ((ip.bytes[1] ?? 0) & 0x0f) === 2;
const isLinkLocalUnicast = (ip: IpValue): boolean =>
  isFour(ip) ? startsWith(ip.bytes, 169, 254) : ip.bytes[0] === 0xfe && ((ip.bytes[1] ?? 0) & 0xc0) === 0x80;
const isMulticast = (ip: IpValue): boolean => (isFour(ip) ? ((ip.bytes[0] ?? 0) & 0xf0) === 0xe0 : ip.bytes[0] === 0xff);
const isBroadcast = (ip: IpValue): boolean => isFour(ip) && ip.bytes.every((byte) => byte === 255);
const isGlobalUnicast = (ip: IpValue): boolean =>
  !isUnspecified(ip) && !isLoopback(ip) && !isMulticast(ip) && !isLinkLocalUnicast(ip) && !isBroadcast(ip);

const contains = (network: CidrValue, { bytes }: { bytes: Uint8Array }, bits: number): boolean =>
  bytes.length === network.bytes.length && bits >= network.bits && Buffer.compare(network.masked, maskedBytes(bytes, network.bits)) === 0;

function addresses(): Overload[] {
  const ip = opaqueParam<IpValue>(IP);
  const property = (name: string, test: (value: IpValue) => boolean): Overload => method(name, { params: [ip], result: BOOL }, test);
  return [
    fn('ip', { params: [P.string], result: opaque(IP), cost: READ_FIRST }, parseIp),
    fn('isIP', { params: [P.string], result: BOOL, cost: READ_FIRST }, (text) => parses(parseIp, text)),
    fn('ip.isCanonical', { params: [P.string], result: BOOL, cost: READ_TWICE }, (text) => parseIp(text).text === text),
    fn('string', { params: [ip], result: STRING }, ({ text }) => text),
    method('family', { params: [ip], result: INT }, (value) => (isFour(value) ? 4n : 6n)),
    property('isUnspecified', isUnspecified),
    property('isLoopback', isLoopback),
    property('isLinkLocalMulticast', isLinkLocalMulticast),
    property('isLinkLocalUnicast', isLinkLocalUnicast),
    property('isGlobalUnicast', isGlobalUnicast),
  ];
}

function networks(): Overload[] {
  const [cidr, ip] = [opaqueParam<CidrValue>(CIDR), opaqueParam<IpValue>(IP)];
  const address = (parses: boolean) => containment({ network: false, parses });
  const network = (parses: boolean) => containment({ network: true, parses });
  const inside = (outer: CidrValue, inner: CidrValue): boolean => contains(outer, inner, inner.bits);
  return [
    fn('cidr', { params: [P.string], result: opaque(CIDR), cost: READ_FIRST }, parseCidr),
    fn('isCIDR', { params: [P.string], result: BOOL, cost: READ_FIRST }, (text) => parses(parseCidr, text)),
    fn('string', { params: [cidr], result: STRING }, ({ text }) => text),
    method('containsIP', { params: [cidr, P.string], result: BOOL, cost: address(true) }, (net, text) => contains(net, parseIp(text), 128)),
    method('containsIP', { params: [cidr, ip], result: BOOL, cost: address(false) }, (net, value) => contains(net, value, 128)),
    method('containsCIDR', { params: [cidr, P.string], result: BOOL, cost: network(true) }, (net, text) => inside(net, parseCidr(text))),
    method('containsCIDR', { params: [cidr, cidr], result: BOOL, cost: network(false) }, inside),
    method('ip', { params: [cidr], result: opaque(IP) }, ({ bytes }) => new IpValue(bytes)),
    method('masked', { params: [cidr], result: opaque(CIDR) }, (net) => new CidrValue(net.masked, net.bits)),
    method('prefixLength', { params: [cidr], result: INT }, ({ bits }) => BigInt(bits)),
  ];
}

/** The functions of addresses and networks. */
export function networkLibrary(): readonly Overload[] {
  return [...addresses(), ...networks()];
}
