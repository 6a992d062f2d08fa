// Which sub-resource is what, by `resource.group/name`. /status is generic and not listed; log, exec and the like are relayed by http/streaming.

import type { Subresource } from '../subresource.ts';
import { bindingAction } from './binding.ts';
import { approvalView } from './csr-approval.ts';
import { evictionAction } from './eviction.ts';
import { finalizeView } from './namespace-finalize.ts';
import { ephemeralContainersView, resizeView } from './pod-views.ts';
import { scaleView } from './scale.ts';
import { type TokenDeps, tokenAction } from './token.ts';

/** The sub-resources of the built-in resources. */
export function subresourceTable(deps: TokenDeps): ReadonlyMap<string, Subresource> {
  return new Map<string, Subresource>([
    ['certificatesigningrequests.certificates.k8s.io/approval', approvalView],
    ['deployments.apps/scale', scaleView('selector')],
    ['namespaces/finalize', finalizeView],
    ['pods/binding', bindingAction],
    ['pods/ephemeralcontainers', ephemeralContainersView],
    ['pods/eviction', evictionAction],
    ['pods/resize', resizeView],
    ['replicasets.apps/scale', scaleView('selector')],
    ['replicationcontrollers/scale', scaleView('labels')],
    ['serviceaccounts/token', tokenAction(deps)],
    ['statefulsets.apps/scale', scaleView('selector')],
  ]);
}
