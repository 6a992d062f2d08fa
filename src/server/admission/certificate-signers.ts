// CertificateApproval, CertificateSigning and CertificateSubjectRestriction: who may approve and sign requests for which signer, and that nobody
// gets a certificate of the group that may do everything. Rules: "Certificate Signing Requests", authorization.

import { deepEqual } from '../../api/copy.ts';
import type { CertificateSigningRequest } from '../../api/types/certificates-v1.gen.ts';
import { messageOf } from '../../base/errors.ts';
import { fromPem } from '../../base/x509.ts';
import { parseRequest } from '../../base/x509-parse.ts';
import type { UserInfo } from '../../client/api-backend.ts';
import type { Authorizer } from '../auth/auth.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { refusal } from './refusal.ts';

const API_CLIENT = 'kubernetes.io/kube-apiserver-client';
const MASTERS = 'system:masters';

/** Approval needs the verb `approve` on the signer. */
export function certificateApproval(authorizer: Authorizer): AdmissionPlugin {
  return {
    name: 'CertificateApproval',
    validate(request) {
      if (!isAboutRequest(request, 'UPDATE', 'approval')) return;
      const { signerName } = (request.oldObject as CertificateSigningRequest).spec; // The resource says so.
      if (maySigner(authorizer, request.user, { verb: 'approve', signerName })) return;
      throw refusal(request, `user not permitted to approve requests with signerName ${JSON.stringify(signerName)}`);
    },
  };
}

/** A certificate, or conditions, in the status need the verb `sign` on the signer. */
export function certificateSigning(authorizer: Authorizer): AdmissionPlugin {
  return {
    name: 'CertificateSigning',
    validate(request) {
      if (!isAboutRequest(request, 'UPDATE', 'status')) return;
      // The resource says what the objects are.
      const { status } = request.object as CertificateSigningRequest;
      const old = request.oldObject as CertificateSigningRequest;
      const isSame = status?.certificate === old.status?.certificate && deepEqual(status?.conditions ?? [], old.status?.conditions ?? []);
      const { signerName } = old.spec;
      if (isSame || maySigner(authorizer, request.user, { verb: 'sign', signerName })) return;
      throw refusal(request, `user not permitted to sign requests with signerName ${JSON.stringify(signerName)}`);
    },
  };
}

/** Requests for API clients that would be of system:masters are refused. */
export const certificateSubjectRestriction: AdmissionPlugin = {
  name: 'CertificateSubjectRestriction',
  validate(request) {
    if (!isAboutRequest(request, 'CREATE', '')) return;
    const { signerName, request: pem } = (request.object as CertificateSigningRequest).spec; // The resource says so.
    if (signerName !== API_CLIENT) return;
    if (organizationsOf(request, pem).includes(MASTERS))
      throw refusal(request, `use of ${API_CLIENT} signer with ${MASTERS} group is not allowed`);
  },
};

/** The groups that a certificate of the request would give. @throws StatusError Forbidden when it is no request */
function organizationsOf(request: AdmissionRequest, pem: string): readonly string[] {
  try {
    return parseRequest(fromPem(Buffer.from(pem, 'base64').toString('latin1'))).subject.organizations;
  } catch (error) {
    throw refusal(request, `failed to parse CSR: ${messageOf(error)}`);
  }
}

function isAboutRequest({ operation, resource, subresource }: AdmissionRequest, wanted: string, part: string): boolean {
  const isRequest = resource.group === 'certificates.k8s.io' && resource.resource === 'certificatesigningrequests';
  return isRequest && operation === wanted && subresource === part;
}

/** Whether a user has a verb on a signer, by its name or by all of its domain: `signers/example.com/*`. */
function maySigner(authorizer: Authorizer, user: UserInfo, asked: { verb: string; signerName: string }): boolean {
  const domain = asked.signerName.split('/')[0] ?? '';
  return [asked.signerName, `${domain}/*`].some((name) => {
    const resource = { group: 'certificates.k8s.io', version: '*', resource: 'signers', subresource: '', namespace: '', name };
    return authorizer.authorize({ user, verb: asked.verb, resource }).decision === 'allow';
  });
}
