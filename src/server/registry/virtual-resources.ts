// The resources that are not stored, by `resource.group`.

import { type AccessDeps, accessReviews } from './reviews/access-reviews.ts';
import { type IdentityDeps, identityReviews } from './reviews/identity-reviews.ts';
import { bindByName } from './subresources/binding.ts';
import type { VirtualResource } from './virtual-resource.ts';

/** What reviews need of the server. */
export interface ReviewDeps extends IdentityDeps, AccessDeps {}

const healthy = (name: string, message: string) => ({
  kind: 'ComponentStatus',
  apiVersion: 'v1',
  metadata: { name },
  conditions: [{ type: 'Healthy', status: 'True', message }],
});

/** The table. */
export function virtualResources(deps: ReviewDeps): ReadonlyMap<string, VirtualResource> {
  return new Map<string, VirtualResource>([
    ['bindings', { create: bindByName }],
    // One process: who can answer is healthy.
    ['componentstatuses', { list: () => [healthy('scheduler', 'ok'), healthy('controller-manager', 'ok'), healthy('etcd-0', 'ok')] }],
    ...identityReviews(deps),
    ...accessReviews(deps),
  ]);
}
