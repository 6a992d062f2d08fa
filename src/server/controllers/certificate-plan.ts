// What is decided about CertificateSigningRequests: approve, sign, clean up. Pure.
// https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/

import type { CertificateSigningRequest, CertificateSigningRequestCondition } from '../../api/types/certificates-v1.gen.ts';
import type { Node } from '../../api/types/core-v1.gen.ts';
import { fromPem } from '../../base/x509.ts';
import { type ParsedRequest, parseCertificate, parseRequest } from '../../base/x509-parse.ts';
import { isKnownSigner, isSelfNodeRequest, type SigningRequest, signingFault } from '../pki/csr-signers.ts';

const KUBELET_CLIENT = 'kubernetes.io/kube-apiserver-client-kubelet';
const KUBELET_SERVING = 'kubernetes.io/kubelet-serving';
/** How long finished and undecided requests are kept. */
const FINISHED_LIFE_MS = 3_600_000;
const PENDING_LIFE_MS = 24 * 3_600_000;

/** The condition of that type. */
function csrCondition(csr: CertificateSigningRequest, type: string): CertificateSigningRequestCondition | undefined {
  return csr.status?.conditions?.find((condition) => condition.type === type);
}

const isDecided = (csr: CertificateSigningRequest): boolean => Boolean(csrCondition(csr, 'Approved') ?? csrCondition(csr, 'Denied'));

const pemOf = (base64: string): string => Buffer.from(base64, 'base64').toString('latin1');

/** The request as signers read it; undefined for a signer that is not ours. */
export function signingRequestOf(csr: CertificateSigningRequest): (SigningRequest & { readonly signerName: string }) | undefined {
  const { signerName, request, usages = [], expirationSeconds } = csr.spec;
  if (!isKnownSigner(signerName)) return undefined;
  return { signerName, request: pemOf(request), usages, ...(expirationSeconds !== undefined && { expirationSeconds }) };
}

/** Why a signer of ours must not sign; undefined when it may, or the signer is another's. */
export function faultOf(csr: CertificateSigningRequest): string | undefined {
  const request = signingRequestOf(csr);
  if (!request || !isKnownSigner(request.signerName)) return undefined;
  try {
    return signingFault({ ...request, signerName: request.signerName });
  } catch (error) {
    return `unable to parse csr: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** What to do about approval. `ask` = only who may create this sub-resource of requests may have it: ask the authorizer. */
export type Approval =
  | { readonly kind: 'approve'; readonly message: string }
  | { readonly kind: 'ask'; readonly subresource: 'nodeclient' | 'selfnodeclient'; readonly message: string }
  | { readonly kind: 'wait' }
  | { readonly kind: 'leave' };

const LEAVE: Approval = { kind: 'leave' };

/** All names and addresses a node says it has. */
function namesOf(node: Node): ReadonlySet<string> {
  return new Set([node.metadata.name ?? '', 'localhost', '127.0.0.1', '::1', ...(node.status?.addresses ?? []).map((a) => a.address)]);
}

function approvalOfServing(request: ParsedRequest, nodeOf: (name: string) => Node | undefined): Approval {
  const node = nodeOf(request.subject.commonName.slice('system:node:'.length));
  if (!node) return { kind: 'wait' };
  const own = namesOf(node);
  const strange = [...request.sans.dns, ...request.sans.ips].some((name) => !own.has(name));
  // The node's addresses may follow its certificate: look again later.
  return strange
    ? { kind: 'wait' }
    : { kind: 'approve', message: 'Auto approving kubelet serving certificate for the addresses of its node.' };
}

/** Decides about the approval of requests of kubelets; all others are left to people. */
export function approvalOf(csr: CertificateSigningRequest, nodeOf: (name: string) => Node | undefined): Approval {
  const { signerName, username = '' } = csr.spec;
  if (isDecided(csr) || csr.status?.certificate || (signerName !== KUBELET_CLIENT && signerName !== KUBELET_SERVING)) return LEAVE;
  if (faultOf(csr) !== undefined) return LEAVE;
  const request = parseRequest(fromPem(pemOf(csr.spec.request)));
  const isSelf = isSelfNodeRequest(request, username);
  if (signerName === KUBELET_SERVING) return isSelf ? approvalOfServing(request, nodeOf) : LEAVE;
  if (isSelf)
    return {
      kind: 'ask',
      subresource: 'selfnodeclient',
      message: 'Auto approving self kubelet client certificate after SubjectAccessReview.',
    };
  return { kind: 'ask', subresource: 'nodeclient', message: 'Auto approving kubelet client certificate after SubjectAccessReview.' };
}

/** Whether a signer should sign now: approved, neither denied nor failed nor signed. */
export function awaitsSignature(csr: CertificateSigningRequest): boolean {
  const { Approved, Denied, Failed } = Object.fromEntries((csr.status?.conditions ?? []).map((c) => [c.type, c]));
  return Approved !== undefined && !Denied && !Failed && !csr.status?.certificate && isKnownSigner(csr.spec.signerName);
}

function isCertificateExpired(csr: CertificateSigningRequest, nowMs: number): boolean {
  if (!csr.status?.certificate) return false;
  try {
    return parseCertificate(fromPem(pemOf(csr.status.certificate))).notAfter < nowMs;
  } catch {
    return false; // Another signer's certificate that we cannot read: age decides.
  }
}

/** Whether a request has been kept for long enough. */
export function isCsrGarbage(csr: CertificateSigningRequest, nowMs: number): boolean {
  const olderThan = (text: string | undefined, ms: number): boolean => text !== undefined && nowMs - Date.parse(text) > ms;
  const settled = ['Approved', 'Denied', 'Failed'].flatMap((type) => csrCondition(csr, type) ?? []);
  if (isCertificateExpired(csr, nowMs)) return true;
  if (settled.length === 0) return olderThan(csr.metadata.creationTimestamp, PENDING_LIFE_MS);
  const ended = csr.status?.certificate || settled.some((condition) => condition.type !== 'Approved');
  return settled.some((c) => olderThan(c.lastUpdateTime ?? csr.metadata.creationTimestamp, ended ? FINISHED_LIFE_MS : PENDING_LIFE_MS));
}
