// Facts about resources that need no code: who may be created by PUT, who insists on a resource version, who is returned when deleted.

import { groupResourceString, type ResourceInfo } from '../../../api/resources.ts';
import type { Dependents } from '../deletion-plan.ts';
import type { StrategyFlags } from '../strategy.ts';

const CREATE_ON_UPDATE: ReadonlySet<string> = new Set([
  'endpoints',
  'events',
  'events.events.k8s.io',
  'leases.coordination.k8s.io',
  'limitranges',
  'roles.rbac.authorization.k8s.io',
  'rolebindings.rbac.authorization.k8s.io',
  'clusterroles.rbac.authorization.k8s.io',
  'clusterrolebindings.rbac.authorization.k8s.io',
  'services',
]);

const CONDITIONAL_UPDATE_GROUPS: ReadonlySet<string> = new Set([
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'coordination.k8s.io',
  'node.k8s.io',
  'policy',
]);

const CONDITIONAL_UPDATE: ReadonlySet<string> = new Set([
  'csidrivers.storage.k8s.io',
  'csinodes.storage.k8s.io',
  'csistoragecapacities.storage.k8s.io',
  'volumeattachments.storage.k8s.io',
]);

const RETURNS_DELETED: ReadonlySet<string> = new Set([
  'csinodes.storage.k8s.io',
  'namespaces',
  'persistentvolumeclaims',
  'persistentvolumes',
  'pods',
  'podtemplates',
  'resourcequotas',
  'serviceaccounts',
  'services',
  'storageclasses.storage.k8s.io',
  'volumeattachments.storage.k8s.io',
]);

/** Old resources leave their pods behind unless told otherwise, and nobody may own anything through an event. */
const DEPENDENTS: Readonly<Record<string, Dependents>> = {
  'events.events.k8s.io': 'none',
  'jobs.batch': 'orphaned',
  events: 'none',
  replicationcontrollers: 'orphaned',
};

const JOB_WARNING =
  'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning';

/** The flags of a built-in resource. */
export function strategyFlags(info: ResourceInfo): StrategyFlags {
  const name = groupResourceString(info);
  return {
    createOnUpdate: CREATE_ON_UPDATE.has(name),
    conditionalUpdate: CONDITIONAL_UPDATE_GROUPS.has(info.group) || CONDITIONAL_UPDATE.has(name),
    returnsDeleted: RETURNS_DELETED.has(name),
    ...(DEPENDENTS[name] && { dependents: DEPENDENTS[name] }),
    ...(name === 'jobs.batch' && { orphanWarning: JOB_WARNING }),
  };
}
