// certificatesigningrequests/approval: conditions Approved and Denied, and nothing else.

import type * as certificates from '../../../api/types/certificates-v1.gen.ts';
import { rfc3339 } from '../../../base/clock.ts';
import type { ObjectView } from '../subresource.ts';

/** The sub-resource. */
export const approvalView: ObjectView = {
  type: 'object',
  prepare(object, old, context) {
    const request = object as certificates.CertificateSigningRequest; // the view is of these requests
    const before = old as certificates.CertificateSigningRequest;
    const conditions = stampedConditions(request.status?.conditions ?? [], before.status?.conditions ?? [], context.nowMs);
    request.spec = before.spec;
    request.status = { ...before.status, ...(conditions.length > 0 && { conditions }) };
  },
};

type Condition = certificates.CertificateSigningRequestCondition;

/** Conditions with their times filled in. */
export function stampedConditions(conditions: readonly Condition[], old: readonly Condition[], nowMs: number): Condition[] {
  const now = rfc3339(nowMs);
  return conditions.map((condition) => {
    const before = old.find((other) => other.type === condition.type);
    const moved = before?.status !== condition.status;
    return {
      ...condition,
      lastUpdateTime: condition.lastUpdateTime ?? now,
      lastTransitionTime: condition.lastTransitionTime ?? (moved ? now : (before?.lastTransitionTime ?? now)),
    };
  });
}
