// What the signers of kubernetes.io sign: the checks of a CertificateSigningRequest and the certificate it becomes.
// https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#kubernetes-signers

import { type CertifiedKey, fromPem, issueCertificate } from '../../base/x509.ts';
import { type ParsedRequest, parseCertificate, parseRequest } from '../../base/x509-parse.ts';
import { LEAF_LIFE_MS } from './certificate-plan.ts';

/** The signers that kts has. */
export type SignerName =
  | 'kubernetes.io/kube-apiserver-client'
  | 'kubernetes.io/kube-apiserver-client-kubelet'
  | 'kubernetes.io/kubelet-serving';

/** What a signer looks at: the fields of CertificateSigningRequest.spec. */
export interface SigningRequest {
  readonly signerName: string;
  /** PEM of the PKCS #10 request. */
  readonly request: string;
  readonly usages: readonly string[];
  readonly expirationSeconds?: number;
}

/** Shortest life that may be asked for: https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/certificate-signing-request-v1/ */
const MIN_LIFE_MS = 600_000;

const CLIENT = { required: ['client auth'], allowed: ['client auth', 'digital signature', 'key encipherment'] };
const SERVER = { required: ['server auth'], allowed: ['server auth', 'digital signature', 'key encipherment'] };

/** Whether this is one of the signers here. */
export function isKnownSigner(name: string): name is SignerName {
  return Object.hasOwn(CHECKS, name);
}

const CHECKS: Record<SignerName, (request: ParsedRequest, usages: readonly string[]) => string | undefined> = {
  'kubernetes.io/kube-apiserver-client': (request, usages) =>
    request.subject.organizations.includes('system:masters')
      ? 'use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed'
      : usageFault(usages, { required: CLIENT.required, allowed: [...CLIENT.allowed, 'key agreement'] }),
  'kubernetes.io/kube-apiserver-client-kubelet': (request, usages) =>
    nodeFault(request) ?? sanFault(request, []) ?? usageFault(usages, CLIENT),
  'kubernetes.io/kubelet-serving': (request, usages) =>
    nodeFault(request) ??
    sanFault(request, ['dns', 'ips']) ??
    (request.sans.dns.length + request.sans.ips.length === 0 ? 'DNS or IP subjectAltName is required' : usageFault(usages, SERVER)),
};

/**
 * Why a signer must not sign this; undefined when it may. Approval is another matter.
 * @throws KtsError `malformed-der` when the request cannot be read or is not signed by its key
 */
export function signingFault(request: SigningRequest & { readonly signerName: SignerName }): string | undefined {
  return CHECKS[request.signerName](parseRequest(fromPem(request.request)), request.usages);
}

/** The certificate, PEM. `now` in milliseconds. @throws KtsError `malformed-der` */
export function signRequest(request: SigningRequest, authority: CertifiedKey, now: number): string {
  const { subject, sans, spki } = parseRequest(fromPem(request.request));
  const parent = parseCertificate(fromPem(authority.certificate));
  const wanted = (request.expirationSeconds ?? Number.POSITIVE_INFINITY) * 1000;
  const life = Math.max(MIN_LIFE_MS, Math.min(wanted, LEAF_LIFE_MS));
  const profile = {
    subject: { commonName: subject.commonName, organizations: subject.organizations },
    notBefore: Math.min(parent.notBefore, now),
    notAfter: Math.min(now + life, parent.notAfter),
    usages: [
      ...(request.usages.includes('client auth') ? (['client'] as const) : []),
      ...(request.usages.includes('server auth') ? (['server'] as const) : []),
    ],
    keyUsages: ['digitalSignature' as const, ...(request.usages.includes('key encipherment') ? (['keyEncipherment'] as const) : [])],
    sans: { dns: sans.dns, ips: sans.ips },
  };
  return issueCertificate(profile, spki, authority);
}

function nodeFault({ subject }: ParsedRequest): string | undefined {
  if (subject.organizations.length !== 1 || subject.organizations[0] !== 'system:nodes') return 'subject organization is not system:nodes';
  return /^system:node:./.test(subject.commonName) ? undefined : 'subject common name does not begin with system:node:';
}

function sanFault({ sans }: ParsedRequest, allowed: readonly ('dns' | 'ips')[]): string | undefined {
  const names = { dns: 'DNS', ips: 'IP', emails: 'Email', uris: 'URI' } as const;
  for (const kind of ['dns', 'ips', 'emails', 'uris'] as const) {
    const permitted = (kind === 'dns' || kind === 'ips') && allowed.includes(kind);
    if (!permitted && sans[kind].length > 0) return `${names[kind]} subjectAltNames are not allowed`;
  }
  return undefined;
}

function usageFault(usages: readonly string[], rule: { required: readonly string[]; allowed: readonly string[] }): string | undefined {
  const missing = rule.required.find((usage) => !usages.includes(usage));
  if (missing !== undefined) return `usages did not include ${missing}`;
  const excess = usages.find((usage) => !rule.allowed.includes(usage));
  return excess === undefined ? undefined : `usage ${excess} is not allowed`;
}
