// Approves the certificate requests of kubelets: the first client certificate of a joining node, renewals, serving certificates.

import type { SubjectAccessReview } from '../../api/types/authorization-v1.gen.ts';
import type { CertificateSigningRequest } from '../../api/types/certificates-v1.gen.ts';
import { rfc3339 } from '../../base/clock.ts';
import type { Component } from '../../base/component.ts';
import { ControllerLoop, noKeys, source } from '../../client/controller-loop.ts';
import type { ReconcileResult } from '../../client/reconciler.ts';
import { CERTIFICATE_SIGNING_REQUESTS, NODES, SUBJECT_ACCESS_REVIEWS } from '../../client/resources.ts';
import { approvalOf } from './certificate-plan.ts';
import type { ControllerDeps } from './controller.ts';

/** When to look again at a request whose node is not there yet. */
const WAIT_MS = 5_000;

async function isAllowed(
  csr: CertificateSigningRequest,
  subresource: string,
  deps: { client: ControllerDeps['client']; signal: AbortSignal },
): Promise<boolean> {
  const { username = '', uid, groups = [], extra } = csr.spec;
  const attributes = { group: 'certificates.k8s.io', version: '*', resource: 'certificatesigningrequests', subresource, verb: 'create' };
  const spec = { user: username, groups, ...(uid && { uid }), ...(extra && { extra }), resourceAttributes: attributes };
  const question: SubjectAccessReview = { metadata: {}, spec };
  const review = await deps.client.create(SUBJECT_ACCESS_REVIEWS, question, { signal: deps.signal });
  return review.status?.allowed ?? false;
}

async function approve(csr: CertificateSigningRequest, message: string, deps: ControllerDeps & { signal: AbortSignal }): Promise<void> {
  const now = rfc3339(deps.clock.now());
  const condition = { type: 'Approved', status: 'True', reason: 'AutoApproved', message, lastUpdateTime: now, lastTransitionTime: now };
  const status = { ...csr.status, conditions: [...(csr.status?.conditions ?? []), condition] };
  await deps.client.update(CERTIFICATE_SIGNING_REQUESTS, { ...csr, status }, { subresource: 'approval', signal: deps.signal });
}

/** Approves what kubelets may have. */
export function certificateApproverController(deps: ControllerDeps): Component {
  return new ControllerLoop(
    {
      name: 'certificate-approver',
      workers: 1,
      setup: () => {
        const requests = deps.informers.informer(CERTIFICATE_SIGNING_REQUESTS);
        const nodes = deps.informers.informer(NODES);
        return {
          sources: [source(requests), source(nodes, noKeys)],
          async reconcile(key, signal): Promise<ReconcileResult | undefined> {
            const csr = requests.lister.get(key);
            if (!csr) return undefined;
            const approval = approvalOf(csr, (name) => nodes.lister.get(name));
            if (approval.kind === 'wait') return { requeueAfterMs: WAIT_MS };
            if (approval.kind === 'leave') return undefined;
            if (approval.kind === 'ask' && !(await isAllowed(csr, approval.subresource, { client: deps.client, signal }))) return undefined;
            await approve(csr, approval.message, { ...deps, signal });
            return undefined;
          },
        };
      },
    },
    deps,
  );
}
