// Whether a bundle of certificate authorities can be trusted with anything: some PEM block of it must be a certificate. Texts as upstream's.

import { X509Certificate } from 'node:crypto';
import type { FieldError } from '../status-error.ts';
import { invalidValue } from './field-error.ts';

const BLOCK = /^-----BEGIN ([^\n]*?)-----[ \t\r]*\n([\s\S]*?)^-----END \1-----[ \t\r]*(?:\n|$)/gm;

/** Why a bundle (PEM in base64) cannot be used; undefined if it can. An empty one stands for the authorities of the system. */
export function caBundleFault(bundle: string): string | undefined {
  const pem = Buffer.from(bundle, 'base64').toString('latin1');
  if (pem === '') return undefined;
  let rest = 0;
  let malformed = false;
  for (const match of pem.matchAll(BLOCK)) {
    const [block, type, body = ''] = match;
    rest = match.index + block.length;
    // A block with headers is nothing that Go takes for a certificate.
    if (type !== 'CERTIFICATE' || body.includes(':')) continue;
    if (isCertificate(body)) return undefined;
    malformed = true;
  }
  const why = malformed
    ? 'failed to parse certificate: x509: malformed certificate'
    : rest < pem.length
      ? 'unable to parse bytes as PEM block'
      : 'no valid certificate authority data seen';
  return `unable to load root certificates: ${why}`;
}

/** The fault of a field with a bundle in it. */
export function caBundleFaults(bundle: string, path: string): FieldError[] {
  const why = caBundleFault(bundle);
  return why === undefined ? [] : [invalidValue(path, bundle, why)];
}

/** Whether the body of a PEM block is a certificate. */
export function isCertificate(base64: string): boolean {
  try {
    return new X509Certificate(Buffer.from(base64, 'base64')).raw.length > 0;
  } catch {
    return false; // OpenSSL has no one error for what is not a certificate.
  }
}
