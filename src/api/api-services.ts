// What APIServices say, as values: their names, their labels, their one condition.
// https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/apiserver-aggregation/

import { type GroupVersionRank, localRank } from './group-priorities.ts';
import type { GroupVersion, ResourceInfo } from './resources.ts';
import type { APIService, APIServiceCondition, APIServiceStatus } from './types/apiregistration-v1.gen.ts';

/** Resources of extension API servers. */
export interface ExtensionResources {
  /** Those whose servers answer. */
  readonly resources: readonly ResourceInfo[];
  /** Group versions whose servers do not: nothing is known of what they keep. */
  readonly unreachable: readonly GroupVersion[];
}

/** The label of APIServices that the server keeps itself. */
export const AUTOMANAGED_LABEL = 'kube-aggregator.kubernetes.io/automanaged';

/** How they are kept: made right once after each start (built-in groups), or all the time (custom resources). */
export type Automanaged = 'onstart' | 'true';

/** The name of a group version's APIService: `v1.apps`; `v1.` for the core group. */
export function apiServiceName({ group, version }: GroupVersion): string {
  return `${version}.${group}`;
}

/** The group version an APIService registers. */
export function registeredGroupVersion({ spec }: Pick<APIService, 'spec'>): GroupVersion {
  return { group: spec.group ?? '', version: spec.version ?? '' };
}

/** The place an APIService gives its group version. */
export function registeredRank({ spec }: Pick<APIService, 'spec'>): GroupVersionRank {
  return { group: spec.groupPriorityMinimum, version: spec.versionPriority };
}

/** The APIService of a group version that this server serves itself. */
export function localApiService(gv: GroupVersion, automanaged: Automanaged): APIService {
  const rank = localRank(gv);
  return {
    kind: 'APIService',
    apiVersion: 'apiregistration.k8s.io/v1',
    metadata: { name: apiServiceName(gv), labels: { [AUTOMANAGED_LABEL]: automanaged } },
    spec: {
      ...(gv.group !== '' && { group: gv.group }),
      version: gv.version,
      groupPriorityMinimum: rank.group,
      versionPriority: rank.version,
    },
  };
}

/** Whether requests can be served, and why not. */
export interface Availability {
  readonly status: 'True' | 'False' | 'Unknown';
  /** e.g. `Passed`, `ServiceNotFound`. */
  readonly reason: string;
  readonly message: string;
}

/** That of an APIService without a Service. */
export const LOCALLY_AVAILABLE: Availability = { status: 'True', reason: 'Local', message: 'Local APIServices are always available' };

/** Whether the condition Available is True. */
export function isAvailable({ status }: Pick<APIService, 'status'>): boolean {
  return availableCondition(status)?.status === 'True';
}

function availableCondition(status: APIServiceStatus | undefined): APIServiceCondition | undefined {
  return status?.conditions?.find(({ type }) => type === 'Available');
}

/** The status with the condition set; `at` is the time of the change, kept from before when its status stays the same. Undefined = nothing changes. */
export function withAvailability(status: APIServiceStatus | undefined, next: Availability, at: string): APIServiceStatus | undefined {
  const old = availableCondition(status);
  if (old?.status === next.status && old.reason === next.reason && old.message === next.message) return undefined;
  const since = old?.status === next.status ? (old.lastTransitionTime ?? at) : at;
  const condition = { type: 'Available', status: next.status, lastTransitionTime: since, reason: next.reason, message: next.message };
  const others = (status?.conditions ?? []).filter(({ type }) => type !== 'Available');
  return { ...status, conditions: [...others, condition] };
}
