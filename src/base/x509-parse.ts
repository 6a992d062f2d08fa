// Reading X.509 certificates and PKCS #10 requests. Who somebody is is decided by this, so the names are taken from the DER itself
// and never from a text that OpenSSL prints. Signatures are checked by node:crypto.

import { createPublicKey, verify } from 'node:crypto';
import * as der from './der.ts';
import { ipText } from './ip-bytes.ts';

/** Object identifiers of extensions (RFC 5280, 4.2.1). */
export const EXTENSIONS = {
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyId: '2.5.29.35',
  extKeyUsage: '2.5.29.37',
} as const;

/** Object identifiers of extended key usages. */
export const USAGES = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' } as const;

/** Bits of keyUsage, counted from the most significant. */
export const KEY_USAGE_BITS = { digitalSignature: 0, keyEncipherment: 2, certSign: 5, crlSign: 6 } as const;

/** The PKCS #9 attribute that holds requested extensions. */
export const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';

const NAMES = { commonName: '2.5.4.3', organization: '2.5.4.10' } as const;

/** What a subject says; other attributes are listed by object identifier only. */
export interface ParsedName {
  /** The last one given; `''` without one. */
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly others: readonly string[];
}

/** Subject alternative names by kind. */
export interface ParsedAltNames {
  readonly dns: readonly string[];
  readonly ips: readonly string[];
  readonly emails: readonly string[];
  readonly uris: readonly string[];
}

/** A certificate, as far as anybody here asks. */
export interface ParsedCertificate {
  /** Hexadecimal, lower case. */
  readonly serial: string;
  readonly issuerDer: Uint8Array;
  readonly subjectDer: Uint8Array;
  readonly subject: ParsedName;
  readonly notBefore: number;
  readonly notAfter: number;
  /** SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
  readonly authority: boolean;
  /** Object identifiers; undefined = any usage. */
  readonly extendedUsages: readonly string[] | undefined;
  readonly sans: ParsedAltNames;
}

/** A certificate request whose signature was checked. */
export interface ParsedRequest {
  readonly subject: ParsedName;
  readonly spki: Uint8Array;
  readonly sans: ParsedAltNames;
}

const { sequence, set } = der.TAG;

/** Reads a certificate. Its signature is not checked. @throws KtsError `malformed-der` */
export function parseCertificate(bytes: Uint8Array): ParsedCertificate {
  const [tbs] = der.partsOf(der.readValue(bytes, sequence), sequence);
  const fields = der.partsOf(tbs, sequence);
  if (fields[0]?.tag !== 0xa0) throw der.malformed('certificate version');
  const [, serial, , issuer, validity, subject, spki, ...optional] = fields;
  if (!serial || !issuer || !subject || !spki) throw der.malformed('certificate');
  const [notBefore, notAfter] = der.partsOf(validity, sequence);
  const extensions = readExtensions(optional.find((field) => field.tag === 0xa3));
  return {
    serial: Buffer.from(serial.content).toString('hex'),
    issuerDer: issuer.raw,
    subjectDer: subject.raw,
    subject: readName(subject),
    notBefore: der.timeOf(notBefore),
    notAfter: der.timeOf(notAfter),
    spki: spki.raw,
    ...readUsages(extensions),
    sans: readAltNames(extensions.get(EXTENSIONS.subjectAltName)),
  };
}

/** Reads a request and checks that it was signed with its own key. @throws KtsError `malformed-der` */
export function parseRequest(bytes: Uint8Array): ParsedRequest {
  const [info, algorithm, signature] = der.partsOf(der.readValue(bytes, sequence), sequence);
  const [, subject, spki, attributes] = der.partsOf(info, sequence);
  if (!info || !subject || !spki) throw der.malformed('certificate request');
  checkSignature(info.raw, spki.raw, { algorithm: der.oidOf(der.partsOf(algorithm, sequence)[0]), value: der.bitsOf(signature) });
  return { subject: readName(subject), spki: spki.raw, sans: readAltNames(requestedExtensions(attributes).get(EXTENSIONS.subjectAltName)) };
}

/** Signature algorithms by object identifier (RFC 5758, 4055, 8410), and their digests. SHA-1 is refused. */
const SIGNATURES: ReadonlyMap<string, { keyType: string; digest: string | null }> = new Map([
  ['1.2.840.10045.4.3.2', { keyType: 'ec', digest: 'sha256' }],
  ['1.2.840.10045.4.3.3', { keyType: 'ec', digest: 'sha384' }],
  ['1.2.840.10045.4.3.4', { keyType: 'ec', digest: 'sha512' }],
  ['1.2.840.113549.1.1.11', { keyType: 'rsa', digest: 'sha256' }],
  ['1.2.840.113549.1.1.12', { keyType: 'rsa', digest: 'sha384' }],
  ['1.2.840.113549.1.1.13', { keyType: 'rsa', digest: 'sha512' }],
  ['1.3.101.112', { keyType: 'ed25519', digest: null }],
]);

function checkSignature(content: Uint8Array, spki: Uint8Array, signature: { algorithm: string; value: Uint8Array }): void {
  const method = SIGNATURES.get(signature.algorithm);
  if (!method) throw der.malformed(`certificate request: signature algorithm ${signature.algorithm} is not supported`);
  let holds = false;
  try {
    const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
    holds = key.asymmetricKeyType === method.keyType && verify(method.digest, content, key, signature.value);
  } catch {
    // A key that OpenSSL cannot read has signed nothing.
  }
  if (!holds) throw der.malformed('certificate request: its signature does not match its key');
}

function readName(name: der.DerValue): ParsedName {
  let commonName = '';
  const organizations: string[] = [];
  const others: string[] = [];
  for (const relative of der.partsOf(name, sequence)) {
    for (const attribute of der.partsOf(relative, set)) {
      const [type, value] = der.partsOf(attribute, sequence);
      const id = der.oidOf(type);
      if (id === NAMES.commonName) commonName = der.textOf(value);
      else if (id === NAMES.organization) organizations.push(der.textOf(value));
      else others.push(id);
    }
  }
  return { commonName, organizations, others };
}

/** The contents of extensions by object identifier. */
function readExtensions(field: der.DerValue | undefined): Map<string, Uint8Array> {
  return field ? extensionMap(der.partsOf(field, 0xa3)[0]) : new Map();
}

function extensionMap(list: der.DerValue | undefined): Map<string, Uint8Array> {
  const out = new Map<string, Uint8Array>();
  for (const item of der.partsOf(list, sequence)) {
    const parts = der.partsOf(item, sequence);
    const id = der.oidOf(parts[0]);
    const value = parts.at(-1);
    if (value?.tag !== der.TAG.octetString || out.has(id)) throw der.malformed('extension');
    out.set(id, value.content);
  }
  return out;
}

function requestedExtensions(attributes: der.DerValue | undefined): Map<string, Uint8Array> {
  if (attributes === undefined) return new Map();
  for (const attribute of der.partsOf(attributes, 0xa0)) {
    const [type, values] = der.partsOf(attribute, sequence);
    if (der.oidOf(type) === EXTENSION_REQUEST) return extensionMap(der.partsOf(values, set)[0]);
  }
  return new Map();
}

function readUsages(extensions: ReadonlyMap<string, Uint8Array>): Pick<ParsedCertificate, 'authority' | 'extendedUsages'> {
  const constraints = extensions.get(EXTENSIONS.basicConstraints);
  const usages = extensions.get(EXTENSIONS.extKeyUsage);
  const first = constraints && der.partsOf(der.readValue(constraints, sequence), sequence)[0];
  return {
    authority: first?.tag === der.TAG.boolean && first.content[0] === 0xff,
    extendedUsages: usages && der.partsOf(der.readValue(usages, sequence), sequence).map(der.oidOf),
  };
}

function readAltNames(extension: Uint8Array | undefined): ParsedAltNames {
  const names = { dns: [] as string[], ips: [] as string[], emails: [] as string[], uris: [] as string[] };
  if (!extension) return names;
  for (const { tag, content } of der.partsOf(der.readValue(extension, sequence), sequence)) {
    const text = Buffer.from(content).toString('latin1');
    if (tag === 0x82) names.dns.push(text);
    else if (tag === 0x81) names.emails.push(text);
    else if (tag === 0x86) names.uris.push(text);
    else if (tag === 0x87) names.ips.push(addressOf(content));
  }
  return names;
}

function addressOf(content: Uint8Array): string {
  if (content.length !== 4 && content.length !== 16) throw der.malformed('IP address');
  return ipText(content);
}
