// The order of API groups and versions: the priorities that the built-in ones register with, those of custom resources, and the sort
// that discovery uses. Rules: reference documentation of APIService (spec.groupPriorityMinimum, spec.versionPriority).

import type { GroupVersion } from './resources.ts';

/** The place of a group version among all: higher comes first. */
export interface GroupVersionRank {
  /** `groupPriorityMinimum`: of a group's versions the highest counts. */
  readonly group: number;
  /** `versionPriority`: of the version within its group. */
  readonly version: number;
}

/** A group version with its place. */
export interface RankedGroupVersion extends GroupVersion {
  readonly rank: GroupVersionRank;
}

/** Priorities of the built-in groups, and of their versions where there is more than one or it is not the usual 15. */
const BUILTIN: Readonly<Record<string, { readonly group: number; readonly versions?: Readonly<Record<string, number>> }>> = {
  '': { group: 18_000, versions: { v1: 1 } },
  'apiregistration.k8s.io': { group: 20_000 },
  apps: { group: 17_800 },
  'events.k8s.io': { group: 17_750 },
  'authentication.k8s.io': { group: 17_700 },
  'authorization.k8s.io': { group: 17_600 },
  autoscaling: { group: 17_500, versions: { v1: 15, v2: 30 } },
  batch: { group: 17_400 },
  'certificates.k8s.io': { group: 17_300 },
  'networking.k8s.io': { group: 17_200 },
  policy: { group: 17_100 },
  'rbac.authorization.k8s.io': { group: 17_000 },
  'storage.k8s.io': { group: 16_800 },
  'admissionregistration.k8s.io': { group: 16_700 },
  'apiextensions.k8s.io': { group: 16_700 },
  'scheduling.k8s.io': { group: 16_600 },
  'coordination.k8s.io': { group: 16_500 },
  'node.k8s.io': { group: 16_300 },
  'discovery.k8s.io': { group: 16_200 },
  'flowcontrol.apiserver.k8s.io': { group: 16_100, versions: { v1: 21 } },
  'resource.k8s.io': { group: 16_200, versions: { v1: 21 } },
};
const USUAL_VERSION = 15;

/** What custom resources register with. */
const CUSTOM: GroupVersionRank = { group: 1_000, version: 100 };

/** The place of a group version that this server serves itself. */
export function localRank({ group, version }: GroupVersion): GroupVersionRank {
  const builtin = BUILTIN[group];
  return builtin ? { group: builtin.group, version: builtin.versions?.[version] ?? USUAL_VERSION } : CUSTOM;
}

/** Orders versions as Kubernetes does: v2, v1, v2beta1, v1beta2, v1alpha1, then others by name. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [versionRank(a), versionRank(b)];
  if (!left || !right) return left ? -1 : right ? 1 : a < b ? -1 : Number(a > b);
  return right.stage - left.stage || right.major - left.major || right.minor - left.minor;
}

function versionRank(version: string): { stage: number; major: number; minor: number } | undefined {
  const match = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/.exec(version);
  if (!match) return undefined;
  const stage = match[2] === 'alpha' ? 0 : match[2] === 'beta' ? 1 : 2;
  return { stage, major: Number(match[1]), minor: Number(match[3] ?? 0) };
}

const compareText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** Groups by the highest priority of their versions, then by name; the versions of a group together, the preferred one first. */
export function sortGroupVersions<T extends RankedGroupVersion>(list: readonly T[]): T[] {
  const highest = new Map<string, number>();
  for (const { group, rank } of list) highest.set(group, Math.max(rank.group, highest.get(group) ?? 0));
  const groupRank = (item: T): number => highest.get(item.group) ?? 0;
  return [...list].sort(
    (a, b) =>
      groupRank(b) - groupRank(a) ||
      compareText(a.group, b.group) ||
      b.rank.version - a.rank.version ||
      compareVersions(a.version, b.version),
  );
}
