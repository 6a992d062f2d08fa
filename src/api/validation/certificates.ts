// Validation of certificate signing requests and of the names of signers. Pure. Rules: "Certificates and Certificate Signing Requests".

import type { FieldError } from '../status-error.ts';
import type * as certificates from '../types/certificates-v1.gen.ts';
import { isCertificate } from './ca-bundle.ts';
import { duplicateValue, eachItem, forbiddenValue, invalidValue, notSupported, requiredValue, requireOneOf } from './field-error.ts';
import { dnsSubdomain } from './object-meta.ts';
import { semanticEqual } from './semantic-equal.ts';

type Request = certificates.CertificateSigningRequest;

const MIN_SECONDS = 600;
const USAGES = [
  'any', 'cert sign', 'client auth', 'code signing', 'content commitment', 'crl sign', 'data encipherment', 'decipher only',
  'digital signature', 'email protection', 'encipher only', 'ipsec end system', 'ipsec tunnel', 'ipsec user', 'key agreement',
  'key encipherment', 'microsoft sgc', 'netscape sgc', 'ocsp signing', 's/mime', 'server auth', 'signing', 'timestamping',
]; // biome-ignore format: a list of names
const VERDICTS: readonly string[] = ['Approved', 'Denied', 'Failed'];
const LEGACY_SIGNER = 'kubernetes.io/legacy-unknown';
const MAX_SIGNER_PATH = 253;

/** The name of a signer: a domain of two or more parts, and a path. */
export function checkSignerName(field: string, name: string | undefined): FieldError[] {
  if (!name) return [requiredValue(field)];
  const segments = name.split('/');
  const [domain = '', path = ''] = segments;
  if (segments.length !== 2)
    return [invalidValue(field, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'")];
  const errors = domain
    .split('.')
    .flatMap((part) => dnsSubdomain(part).map((why) => invalidValue(field, domain, `validating label ${JSON.stringify(part)}: ${why}`)));
  if (domain.split('.').length < 2)
    errors.push(invalidValue(field, domain, 'should be a domain with at least two segments separated by dots'));
  if (path.length > MAX_SIGNER_PATH)
    errors.push({
      type: 'FieldValueTooLong',
      field,
      detail: `Too long: may not be more than ${domain.length + 1 + MAX_SIGNER_PATH} bytes`,
    });
  return [
    ...errors,
    ...path
      .split('.')
      .flatMap((part) => dnsSubdomain(part).map((why) => invalidValue(field, path, `validating label ${JSON.stringify(part)}: ${why}`))),
  ];
}

function checkPem(field: string, encoded: string | undefined): FieldError[] {
  const pem = Buffer.from(encoded ?? '', 'base64').toString('latin1');
  if (pem.includes('-----BEGIN CERTIFICATE REQUEST-----')) return [];
  return [invalidValue(field, encoded || null, 'PEM block type must be CERTIFICATE REQUEST')];
}

const BLOCK = /-----BEGIN ([^-]*)-----\n([^-]*)-----END \1-----/g;

/** One or more PEM blocks of certificates, and no others. */
function checkCertificate(field: string, encoded: string): FieldError[] {
  const fault = (why: string): FieldError[] => [invalidValue(field, '<certificate data>', why)];
  const blocks = [...Buffer.from(encoded, 'base64').toString('latin1').matchAll(BLOCK)];
  for (const [, type, body = ''] of blocks) {
    if (type !== 'CERTIFICATE') return fault(`only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(type)}`);
    if (body.includes(':')) return fault('no PEM block headers are permitted');
    if (!isCertificate(body)) return fault('x509: malformed certificate');
  }
  return blocks.length > 0 || encoded === '' ? [] : fault('must contain at least one CERTIFICATE PEM block');
}

/** Validates a new request. */
export function validateSigningRequest({ spec, status }: Request): FieldError[] {
  const { usages = [], signerName, expirationSeconds: seconds } = spec;
  const errors = checkPem('spec.request', spec.request);
  if (usages.length === 0) errors.push(requiredValue('spec.usages'));
  errors.push(
    ...eachItem('spec.usages', usages, (usage, at) => (USAGES.includes(usage) ? [] : [notSupported(at, usage, USAGES)])),
    ...eachItem('spec.usages', usages, (usage, at, index) => (usages.indexOf(usage) < index ? [duplicateValue(at, usage)] : [])),
  );
  if (signerName === LEGACY_SIGNER)
    errors.push(invalidValue('spec.signerName', signerName, 'the legacy signerName is not allowed via this API version'));
  else errors.push(...checkSignerName('spec.signerName', signerName));
  if (seconds !== undefined && seconds < MIN_SECONDS)
    errors.push(invalidValue('spec.expirationSeconds', seconds, 'may not specify a duration less than 600 seconds (10 minutes)'));
  return [...errors, ...validateConditions(status?.conditions)];
}

function validateConditions(conditions: readonly certificates.CertificateSigningRequestCondition[] | undefined): FieldError[] {
  const seen = new Set<string>();
  return eachItem('status.conditions', conditions, ({ type, status }, at) => {
    const errors: FieldError[] = [];
    if (!type) errors.push(requiredValue(`${at}.type`));
    errors.push(
      ...(VERDICTS.includes(type)
        ? requireOneOf(`${at}.status`, status, ['True'])
        : requireOneOf(`${at}.status`, status, ['True', 'False', 'Unknown'])),
    );
    const other = type === 'Approved' ? 'Denied' : type === 'Denied' ? 'Approved' : '';
    if (seen.has(other)) errors.push(invalidValue('status.conditions', type, 'Approved and Denied conditions are mutually exclusive'));
    if (seen.has(type)) errors.push(duplicateValue(`${at}.type`, type));
    seen.add(type);
    return errors;
  });
}

/** What an update by its way may set: nothing by the request itself, a verdict by /approval, a certificate by /status. */
interface Rights {
  readonly verdict: boolean;
  readonly certificate: boolean;
}

function validateChange(object: Request, old: Request, rights: Rights): FieldError[] {
  const conditionsOf = (request: Request, type: string) =>
    (request.status?.conditions ?? []).filter((condition) => condition.type === type);
  const [now = '', before = ''] = [object.status?.certificate, old.status?.certificate];
  const errors = validateConditions(object.status?.conditions);
  const certificate = (text: string): FieldError[] => checkCertificate('status.certificate', text);
  if (now !== before && certificate(before).length === 0) errors.push(...certificate(now));
  const say = (what: string, type: string): unknown =>
    errors.push(forbiddenValue('status.conditions', `updates may not ${what} a condition of type ${JSON.stringify(type)}`));
  for (const type of VERDICTS) if (conditionsOf(object, type).length < conditionsOf(old, type).length) say('remove', type);
  // That a request failed may be said by every way that writes conditions.
  for (const type of rights.verdict ? [] : ['Approved', 'Denied']) {
    const [mine, theirs] = [conditionsOf(object, type), conditionsOf(old, type)];
    if (mine.length > theirs.length) say('add', type);
    else if (mine.length === theirs.length && !semanticEqual(mine, theirs)) say('modify', type);
  }
  if (now === before) return errors;
  if (!rights.certificate) return [...errors, forbiddenValue('status.certificate', 'updates may not set certificate content')];
  return before === '' ? errors : [...errors, forbiddenValue('status.certificate', 'updates may not modify existing certificate content')];
}

/** Validates an update of a request: its spec is kept by the registry, its status changes elsewhere. */
export function validateSigningRequestUpdate(object: Request, old: Request): FieldError[] {
  return validateChange(object, old, { verdict: false, certificate: false });
}

/** Validates a write of a request's status: the certificate, or why there is none. */
export function validateSigningRequestStatus(object: Request, old: Request): FieldError[] {
  return validateChange(object, old, { verdict: false, certificate: true });
}

/** Validates a verdict on a request. */
export function validateApproval(object: Request, old: Request): FieldError[] {
  return validateChange(object, old, { verdict: true, certificate: false });
}
