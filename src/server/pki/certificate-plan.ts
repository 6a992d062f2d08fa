// Which certificates a cluster has, and when one is made anew: the decisions, as data and pure functions.

import {
  type CertificateProfile,
  type CertifiedKey,
  type ExtendedUsage,
  fromPem,
  publicKeyOf,
  type Subject,
  type SubjectAltNames,
} from '../../base/x509.ts';
import { type ParsedCertificate, parseCertificate, USAGES } from '../../base/x509-parse.ts';

const DAY_MS = 86_400_000;
/** Life of an authority: 10 years. */
const AUTHORITY_LIFE_MS = 3_650 * DAY_MS;
/** Life of any other certificate: a year. */
export const LEAF_LIFE_MS = 365 * DAY_MS;
/** A leaf with less left is made anew: a third of its life, so that a device that is switched on every few months never meets an expired one. */
const RENEW_BEFORE_MS = 120 * DAY_MS;
/** How far back an authority's life begins, and with it that of all it issues: nodes whose clocks are late accept them. */
const BACKDATE_MS = DAY_MS;

/** The authorities: server-ca signs what servers show, client-ca what clients show, request-header-ca what the API shows to extension servers. */
export type AuthorityName = 'server-ca' | 'client-ca' | 'request-header-ca';

/** The certificates of the server itself. */
export type LeafName = 'serving-kube-apiserver' | 'client-admin' | 'client-kube-apiserver' | 'client-auth-proxy';

/** Common names of front proxies that are believed: the API server's own, when it speaks for a user. */
export const FRONT_PROXY_NAMES: readonly string[] = ['system:auth-proxy'];

/** One certificate to be there. */
export interface LeafPlan {
  readonly name: LeafName;
  readonly authority: AuthorityName;
  readonly subject: Subject;
  readonly usages: readonly ExtendedUsage[];
  readonly sans?: SubjectAltNames;
}

/** The authorities of a cluster. */
export const AUTHORITIES: readonly AuthorityName[] = ['server-ca', 'client-ca', 'request-header-ca'];

/** The server's certificates; `sans` is what its API answers under. */
export function leafPlans(sans: SubjectAltNames): LeafPlan[] {
  return [
    { name: 'serving-kube-apiserver', authority: 'server-ca', subject: { commonName: 'kube-apiserver' }, usages: ['server'], sans },
    {
      name: 'client-admin',
      authority: 'client-ca',
      subject: { commonName: 'system:admin', organizations: ['system:masters'] },
      usages: ['client'],
    },
    {
      name: 'client-kube-apiserver',
      authority: 'client-ca',
      subject: { commonName: 'system:apiserver', organizations: ['system:masters'] },
      usages: ['client'],
    },
    { name: 'client-auth-proxy', authority: 'request-header-ca', subject: { commonName: 'system:auth-proxy' }, usages: ['client'] },
  ];
}

/** What names an API server answers under besides those an operator adds. */
export interface ServerNames {
  readonly hostname: string;
  /** Addresses of the machine that clients may use. */
  readonly addresses: readonly string[];
  /** First address of each service network: the `kubernetes` Service. */
  readonly serviceAddresses: readonly string[];
  readonly clusterDomain: string;
  /** `--tls-san`: names or addresses. */
  readonly extra: readonly string[];
}

/** The alternative names of the serving certificate, without doubles. */
export function servingNames(names: ServerNames, isAddress: (text: string) => boolean): SubjectAltNames {
  const service = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', `kubernetes.default.svc.${names.clusterDomain}`];
  const all = [...service, 'localhost', names.hostname, '127.0.0.1', '::1', ...names.serviceAddresses, ...names.addresses, ...names.extra];
  const unique = [...new Set(all.filter((name) => name !== ''))];
  return { dns: unique.filter((name) => !isAddress(name)), ips: unique.filter(isAddress) };
}

/** Profile of a new authority. */
export function authorityProfile(name: AuthorityName, now: number): CertificateProfile {
  return {
    subject: { commonName: `kts-${name}@${Math.floor(now / 1000)}` },
    notBefore: now - BACKDATE_MS,
    notAfter: now + AUTHORITY_LIFE_MS,
    usages: [],
    keyUsages: ['digitalSignature', 'certSign', 'crlSign'],
    authority: true,
  };
}

/** Profile of a leaf: as old as its authority, since a clock may be set back after it was issued, and never living longer. */
export function leafProfile(
  leaf: Pick<LeafPlan, 'subject' | 'usages' | 'sans'>,
  authority: ParsedCertificate,
  now: number,
): CertificateProfile {
  return {
    subject: leaf.subject,
    usages: leaf.usages,
    keyUsages: ['digitalSignature'],
    notBefore: Math.min(authority.notBefore, now),
    notAfter: Math.min(now + LEAF_LIFE_MS, authority.notAfter),
    ...(leaf.sans && { sans: leaf.sans }),
  };
}

/** Why a certificate has to be made (anew). */
export type RenewalReason =
  | 'missing'
  | 'unreadable'
  | 'other authority'
  | 'expiring'
  | 'other subject'
  | 'other names'
  | 'key does not fit';

/** Why `existing` does not do for `plan`; undefined when it does. */
export function renewalReason(
  existing: Partial<CertifiedKey>,
  plan: LeafPlan,
  context: { authority: ParsedCertificate; now: number },
): RenewalReason | undefined {
  if (existing.certificate === undefined || existing.key === undefined) return 'missing';
  const certificate = readPair({ certificate: existing.certificate, key: existing.key });
  if (certificate === 'unreadable' || certificate === 'key does not fit') return certificate;
  if (!Buffer.from(certificate.issuerDer).equals(context.authority.subjectDer)) return 'other authority';
  if (certificate.notAfter - context.now < RENEW_BEFORE_MS && certificate.notAfter < context.authority.notAfter) return 'expiring';
  if (certificate.notAfter <= context.now) return 'expiring';
  const { subject, sans } = certificate;
  const usages = plan.usages.every((usage) => certificate.extendedUsages?.includes(USAGES[usage]));
  if (subject.commonName !== plan.subject.commonName || !sameSet(subject.organizations, plan.subject.organizations) || !usages) {
    return 'other subject';
  }
  return sameSet(sans.dns, plan.sans?.dns) && sameSet(sans.ips, plan.sans?.ips) ? undefined : 'other names';
}

/** The certificate of a pair, or why it is none. */
export function readPair(pair: CertifiedKey): ParsedCertificate | 'unreadable' | 'key does not fit' {
  try {
    const certificate = parseCertificate(fromPem(pair.certificate));
    return Buffer.from(certificate.spki).equals(publicKeyOf(pair.key)) ? certificate : 'key does not fit';
  } catch {
    return 'unreadable'; // Not PEM, not DER, or a key that OpenSSL does not know: all the same to who needs a pair.
  }
}

function sameSet(a: readonly string[], b: readonly string[] = []): boolean {
  const wanted = new Set(b.map((text) => text.toLowerCase()));
  return a.length === wanted.size && a.every((text) => wanted.has(text.toLowerCase()));
}
