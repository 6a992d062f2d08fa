// X.509 certificates and PKCS #10 requests: keys, issuing, requesting. Signing is node:crypto's (ECDSA on P-256); what is around
// the signature is encoded here, so that no certificate library has to be in memory. Reading is x509-parse.ts.
// RFC 5280 (certificates), RFC 2986 (requests), RFC 5480 and 5758 (elliptic curves).

import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import * as der from './der.ts';
import { ipBytes } from './ip-bytes.ts';
import { EXTENSION_REQUEST, EXTENSIONS, KEY_USAGE_BITS, parseCertificate, USAGES } from './x509-parse.ts';

/** Who a certificate is about. Kubernetes reads the common name as the user and the organizations as its groups. */
export interface Subject {
  readonly commonName: string;
  readonly organizations?: readonly string[];
}

/** Names and addresses a server answers under. */
export interface SubjectAltNames {
  readonly dns: readonly string[];
  /** IPv4 or IPv6 in text form. */
  readonly ips: readonly string[];
}

/** What a certificate may be used for. */
export type ExtendedUsage = keyof typeof USAGES;

/** A certificate to be issued. Times in milliseconds since 1970. */
export interface CertificateProfile {
  readonly subject: Subject;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly usages: readonly ExtendedUsage[];
  /** Bits of keyUsage. */
  readonly keyUsages: readonly (keyof typeof KEY_USAGE_BITS)[];
  readonly sans?: SubjectAltNames;
  /** May issue certificates itself (but no further CA). */
  readonly authority?: true;
}

/** A certificate and its private key (PKCS #8), both PEM. */
export interface CertifiedKey {
  readonly certificate: string;
  readonly key: string;
}

/** A new ECDSA P-256 private key, PEM (PKCS #8). */
export function generateKey(): string {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** SubjectPublicKeyInfo, DER, of a private or public key in PEM. */
export function publicKeyOf(key: string): Uint8Array {
  return createPublicKey(key).export({ type: 'spki', format: 'der' });
}

/** A new authority: a key and a certificate signed by itself. */
export function createAuthority(profile: CertificateProfile): CertifiedKey {
  const key = generateKey();
  const spki = publicKeyOf(key);
  const issuer = { name: encodeName(profile.subject), spki, key: createPrivateKey(key) };
  return { key, certificate: build(profile, spki, issuer) };
}

/** A certificate for a public key (SubjectPublicKeyInfo, DER), signed by `authority`; PEM. */
export function issueCertificate(profile: CertificateProfile, spki: Uint8Array, authority: CertifiedKey): string {
  const parent = parseCertificate(fromPem(authority.certificate));
  return build(profile, spki, { name: parent.subjectDer, spki: parent.spki, key: createPrivateKey(authority.key) });
}

/** A request for a certificate, PEM, signed with `key` (PEM, ECDSA). */
export function createRequest(subject: Subject, sans: SubjectAltNames, key: string): string {
  const wanted = sans.dns.length + sans.ips.length === 0 ? [] : [attribute(EXTENSION_REQUEST, der.sequence(altNames(sans)))];
  const info = der.sequence(der.unsigned(Uint8Array.of(0)), encodeName(subject), publicKeyOf(key), der.explicit(0, ...wanted));
  return toPem('CERTIFICATE REQUEST', signed(info, createPrivateKey(key)));
}

/** PEM of DER. */
function toPem(label: string, bytes: Uint8Array): string {
  const lines = Buffer.from(bytes)
    .toString('base64')
    .replace(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

/** DER of the first PEM block. @throws KtsError `malformed-der` when there is none. */
export function fromPem(pem: string): Uint8Array {
  const match = /-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\s]+)-----END \1-----/.exec(pem);
  if (!match) throw der.malformed('PEM');
  return new Uint8Array(Buffer.from(match[2] ?? '', 'base64'));
}

interface Issuer {
  readonly name: der.Der;
  readonly spki: Uint8Array;
  readonly key: KeyObject;
}

const ECDSA_SHA256 = '1.2.840.10045.4.3.2';

function build(profile: CertificateProfile, spki: Uint8Array, issuer: Issuer): string {
  const tbs = der.sequence(
    der.explicit(0, der.unsigned(Uint8Array.of(2))),
    der.unsigned(serialNumber()),
    der.sequence(der.oid(ECDSA_SHA256)),
    issuer.name,
    der.sequence(der.time(profile.notBefore), der.time(profile.notAfter)),
    encodeName(profile.subject),
    spki,
    der.explicit(3, der.sequence(...extensionsOf(profile, spki, issuer))),
  );
  return toPem('CERTIFICATE', signed(tbs, issuer.key));
}

function signed(content: der.Der, key: KeyObject): der.Der {
  const signature = sign('sha256', content, key);
  return der.sequence(content, der.sequence(der.oid(ECDSA_SHA256)), der.bitString(signature));
}

/** 127 random bits with the highest set: positive, never shortened. */
function serialNumber(): Uint8Array {
  const bytes = new Uint8Array(randomBytes(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes;
}

function encodeName({ commonName, organizations = [] }: Subject): der.Der {
  const part = (type: string, text: string): der.Der => der.setOf(der.sequence(der.oid(type), der.utf8String(text)));
  return der.sequence(...organizations.map((name) => part('2.5.4.10', name)), part('2.5.4.3', commonName));
}

function extensionsOf(profile: CertificateProfile, spki: Uint8Array, issuer: Issuer): der.Der[] {
  const authority = profile.authority ? der.sequence(der.TRUE, der.unsigned(Uint8Array.of(0))) : der.sequence();
  return [
    extension(EXTENSIONS.keyUsage, keyUsage(profile), 'critical'),
    ...(profile.usages.length > 0
      ? [extension(EXTENSIONS.extKeyUsage, der.sequence(...profile.usages.map((usage) => der.oid(USAGES[usage]))))]
      : []),
    extension(EXTENSIONS.basicConstraints, authority, 'critical'),
    extension(EXTENSIONS.subjectKeyId, der.octetString(keyId(spki))),
    extension(EXTENSIONS.authorityKeyId, der.sequence(der.implicit(0, keyId(issuer.spki)))),
    ...(profile.sans && profile.sans.dns.length + profile.sans.ips.length > 0 ? [altNames(profile.sans)] : []),
  ];
}

function extension(id: string, value: der.Der, critical?: 'critical'): der.Der {
  return der.sequence(der.oid(id), ...(critical ? [der.TRUE] : []), der.octetString(value));
}

function attribute(id: string, value: der.Der): der.Der {
  return der.sequence(der.oid(id), der.setOf(value));
}

/** KeyUsage as DER wants it: without the zero bits at the end. */
function keyUsage(profile: CertificateProfile): der.Der {
  const bits = profile.keyUsages.reduce((sum, usage) => sum | (0x80 >> KEY_USAGE_BITS[usage]), 0);
  const unused = bits === 0 ? 0 : 31 - Math.clz32(bits & -bits);
  return der.bitString(bits === 0 ? new Uint8Array() : Uint8Array.of(bits), unused);
}

/** SHA-1 of the public key's bits: method 1 of RFC 5280, 4.2.1.2. */
function keyId(spki: Uint8Array): Uint8Array {
  const [, key] = der.partsOf(der.readValue(spki, der.TAG.sequence), der.TAG.sequence);
  return createHash('sha1').update(der.bitsOf(key)).digest();
}

function altNames({ dns, ips }: SubjectAltNames): der.Der {
  const names = [...dns.map((name) => der.implicit(2, Buffer.from(name))), ...ips.map((ip) => der.implicit(7, ipBytes(ip)))];
  return extension(EXTENSIONS.subjectAltName, der.sequence(...names));
}
