// What is done with a CertificateSigningRequest: approve a node's own, sign what is approved, forget what is done. Pure.
// Approval of kubelet client certificates is upstream's rule; kubelet-serving certificates, which upstream leaves to a human, are
// approved when every name and address asked for can only be that node's.

import type { CertificateSigningRequest } from '../../api/types/certificates-v1.gen.ts';
import type { Node } from '../../api/types/core-v1.gen.ts';
import { fromPem } from '../../base/x509.ts';
import { type ParsedRequest, parseCertificate } from '../../base/x509-parse.ts';
import { KTS_BOOTSTRAPPERS } from '../auth/auth-groups.ts';
import { bootstrapNodeOf } from './node-bootstrap-tokens.ts';

const CLIENT = 'kubernetes.io/kube-apiserver-client-kubelet';
const SERVING = 'kubernetes.io/kubelet-serving';
const HOUR_MS = 3_600_000;

/** How far a request is. */
export type RequestState = 'pending' | 'approved' | 'done';

/** Denied, failed and issued requests are done. */
export function requestState(csr: CertificateSigningRequest): RequestState {
  const has = (type: string): boolean => csr.status?.conditions?.some((c) => c.type === type && c.status !== 'False') === true;
  if (csr.status?.certificate || has('Denied') || has('Failed')) return 'done';
  return has('Approved') ? 'approved' : 'pending';
}

/** What approval depends on beside the request. */
export interface ApprovalContext {
  /** Whether the requester may `create` this sub-resource of certificatesigningrequests: `nodeclient` or `selfnodeclient`. */
  readonly mayCreate: (subresource: 'nodeclient' | 'selfnodeclient') => boolean;
  readonly nodes: readonly Node[];
  /** Names and addresses that the API server answers under. */
  readonly serverNames: readonly string[];
  /** The node that the API server runs on, if any: it may have its addresses. */
  readonly localNode: string | undefined;
}

/** Why the request is approved without a human; undefined = it waits for one. */
export function approvalReason(csr: CertificateSigningRequest, request: ParsedRequest, context: ApprovalContext): string | undefined {
  const user = csr.spec.username ?? '';
  const { signerName } = csr.spec;
  const own = request.subject.commonName === user;
  if (signerName === CLIENT) {
    if (own && context.mayCreate('selfnodeclient')) return 'Auto approving self kubelet client certificate after SubjectAccessReview.';
    // A bootstrap token is for one node, and the join token itself for none: else a node could take the name of another.
    if (csr.spec.groups?.includes(KTS_BOOTSTRAPPERS) && request.subject.commonName !== `system:node:${bootstrapNodeOf(user)}`)
      return undefined;
    return context.mayCreate('nodeclient') ? 'Auto approving kubelet client certificate after SubjectAccessReview.' : undefined;
  }
  if (signerName !== SERVING || !own) return undefined;
  const node = request.subject.commonName.slice('system:node:'.length);
  return servingFault(request, node, context) === undefined ? 'Auto approving kubelet serving certificate of the node itself.' : undefined;
}

/** Which name or address of a serving request is not the node's alone; undefined when all are. */
function servingFault(request: ParsedRequest, node: string, context: ApprovalContext): string | undefined {
  // A node that is down may have been replaced by this one under another name.
  const others = new Set(context.nodes.filter((n) => n.metadata.name !== node && isReady(n)).flatMap(namesOf));
  const server = new Set(node === context.localNode ? [] : context.serverNames);
  const foreign = [...request.sans.dns, ...request.sans.ips].find((name) => !isLoopback(name) && (others.has(name) || server.has(name)));
  if (foreign !== undefined) return foreign;
  const own = context.nodes.find((n) => n.metadata.name === node);
  const allowed = new Set([node, ...(own ? namesOf(own) : [])]);
  // Names are made up freely, addresses are not: before its Node object exists a node may only use its name.
  return request.sans.dns.find((name) => !allowed.has(name));
}

const isReady = (node: Node): boolean => node.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') === true;

/** Every machine answers under these, to itself alone. */
const isLoopback = (ip: string): boolean => ip.startsWith('127.') || ip === '::1';

const namesOf = (node: Node): string[] => [node.metadata.name ?? '', ...(node.status?.addresses ?? []).map((a) => a.address)];

/**
 * When a request is deleted, in milliseconds since 1970: upstream's times, an hour after it was done, a day after it was made, and at the end of
 * its certificate's life.
 */
export function forgetAt(csr: CertificateSigningRequest): number {
  const made = Date.parse(csr.metadata.creationTimestamp ?? '');
  const changed = (csr.status?.conditions ?? []).map((c) => Date.parse(c.lastUpdateTime ?? '')).filter(Number.isFinite);
  if (requestState(csr) !== 'done') return made + 24 * HOUR_MS;
  return Math.min(Math.max(made, ...changed) + HOUR_MS, certificateEnd(csr.status?.certificate));
}

/** The end of a certificate's life (PEM in base64); never for one that cannot be read, which some other signer may have put there. */
function certificateEnd(certificate: string | undefined): number {
  try {
    return certificate
      ? parseCertificate(fromPem(Buffer.from(certificate, 'base64').toString('latin1'))).notAfter
      : Number.POSITIVE_INFINITY;
  } catch {
    // It stays as long as any other.
    return Number.POSITIVE_INFINITY;
  }
}
