// Certificates of a node's kubelet, as the server issues them to a node that joins with a token (and to its own agent).

import { type CertifiedKey, fromPem, issueCertificate, type SubjectAltNames } from '../../base/x509.ts';
import { parseCertificate } from '../../base/x509-parse.ts';
import { leafProfile } from './certificate-plan.ts';
import type { ClusterPki } from './cluster-pki.ts';

/** The client certificate by which a kubelet (and its proxy) speaks to the API, PEM. `spki` is the node's public key, DER. */
export function kubeletClientCertificate(
  pki: Pick<ClusterPki, 'authorities'>,
  node: { name: string; spki: Uint8Array },
  now: number,
): string {
  const leaf = { subject: { commonName: `system:node:${node.name}`, organizations: ['system:nodes'] }, usages: ['client'] as const };
  return issue(pki.authorities['client-ca'], leaf, { spki: node.spki, now });
}

/** The certificate that a kubelet shows on port 10250, PEM. */
export function kubeletServingCertificate(
  pki: Pick<ClusterPki, 'authorities'>,
  node: { name: string; spki: Uint8Array; sans: SubjectAltNames },
  now: number,
): string {
  const subject = { commonName: `system:node:${node.name}`, organizations: ['system:nodes'] };
  return issue(pki.authorities['server-ca'], { subject, usages: ['server'] as const, sans: node.sans }, { spki: node.spki, now });
}

function issue(authority: CertifiedKey, leaf: Parameters<typeof leafProfile>[0], { spki, now }: { spki: Uint8Array; now: number }): string {
  const parent = parseCertificate(fromPem(authority.certificate));
  return issueCertificate(leafProfile(leaf, parent, now), spki, authority);
}
