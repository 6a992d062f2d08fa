// Discovery documents as pure functions of the resources that are served: the legacy ones (APIVersions, APIGroupList,
// APIResourceList) and the aggregated one (apidiscovery.k8s.io/v2). Rules: Kubernetes API concepts, "API Discovery".

import { createHash } from 'node:crypto';
import { type GroupVersion, groupVersionString, type ResourceInfo, type SubresourceInfo } from './resources.ts';
import type { APIGroupDiscovery, APIGroupDiscoveryList, APIResourceDiscovery } from './types/apidiscovery-v2.gen.ts';
import type { APIGroup, APIGroupList, APIResource, APIResourceList, APIVersions } from './types/meta-v1.gen.ts';

/** The built-in groups in the order upstream lists them; custom and aggregated groups follow by name. */
const GROUP_ORDER = [
  '',
  'apiregistration.k8s.io',
  'apps',
  'events.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'storage.k8s.io',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'scheduling.k8s.io',
  'coordination.k8s.io',
  'node.k8s.io',
  'discovery.k8s.io',
  'resource.k8s.io',
  'flowcontrol.apiserver.k8s.io',
];

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

/** The group versions of the resources: groups in upstream's order, the preferred version of each first. */
export function servedGroupVersions(resources: readonly ResourceInfo[]): GroupVersion[] {
  const unique = new Map(resources.map(({ group, version }) => [`${group}/${version}`, { group, version }]));
  const rank = (group: string): number => (GROUP_ORDER.includes(group) ? GROUP_ORDER.indexOf(group) : GROUP_ORDER.length);
  return [...unique.values()].sort(
    (a, b) =>
      rank(a.group) - rank(b.group) || (a.group < b.group ? -1 : Number(a.group > b.group)) || compareVersions(a.version, b.version),
  );
}

/** GET /api. `serverAddress` is host:port as clients reach it. */
export function apiVersions(serverAddress: string): APIVersions {
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }] };
}

/** GET /apis: every group but the core group. */
export function apiGroupList(resources: readonly ResourceInfo[]): APIGroupList {
  const groups = new Map<string, GroupVersion[]>();
  for (const gv of servedGroupVersions(resources)) if (gv.group !== '') groups.set(gv.group, [...(groups.get(gv.group) ?? []), gv]);
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: [...groups.values()].map(groupOf) };
}

/** GET /apis/GROUP, or undefined if the group is not served. */
export function apiGroup(resources: readonly ResourceInfo[], group: string): APIGroup | undefined {
  const versions = servedGroupVersions(resources).filter((gv) => gv.group === group);
  return versions.length === 0 ? undefined : { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(versions) };
}

function groupOf(versions: readonly GroupVersion[]): APIGroup {
  const entries = versions.map((gv) => ({ groupVersion: groupVersionString(gv), version: gv.version }));
  const [preferredVersion = { groupVersion: '', version: '' }] = entries;
  return { name: versions[0]?.group ?? '', versions: entries, preferredVersion };
}

/** GET /api/v1, GET /apis/GROUP/VERSION. */
export function apiResourceList(resources: readonly ResourceInfo[], gv: GroupVersion): APIResourceList {
  const entries = resources
    .filter(({ group, version }) => group === gv.group && version === gv.version)
    .flatMap((resource) => [mainEntry(resource), ...resource.subresources.map((sub) => subEntry(resource, sub))])
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    kind: 'APIResourceList',
    ...(gv.group !== '' && { apiVersion: 'v1' }),
    groupVersion: groupVersionString(gv),
    resources: entries,
  };
}

function mainEntry(resource: ResourceInfo): APIResource {
  return {
    name: resource.resource,
    singularName: resource.singular,
    namespaced: resource.namespaced,
    kind: resource.kind,
    verbs: [...resource.verbs],
    ...(resource.shortNames.length > 0 && { shortNames: [...resource.shortNames] }),
    ...(resource.categories.length > 0 && { categories: [...resource.categories] }),
    ...(!resource.virtual && { storageVersionHash: storageVersionHash(resource) }),
  };
}

function subEntry(resource: ResourceInfo, sub: SubresourceInfo): APIResource {
  return {
    name: `${resource.resource}/${sub.name}`,
    singularName: '',
    namespaced: resource.namespaced,
    ...foreignGroupVersion(resource, sub),
    kind: sub.kind,
    verbs: [...sub.verbs],
  };
}

/** Group and version are named only where they differ from the parent's. */
function foreignGroupVersion(resource: GroupVersion, sub: GroupVersion): Partial<GroupVersion> {
  return sub.group === resource.group && sub.version === resource.version ? {} : { group: sub.group, version: sub.version };
}

/** Kinds that are stored as another version or group than they are served in. */
const STORED_AS: Readonly<Record<string, string>> = {
  'autoscaling/v1/HorizontalPodAutoscaler': 'autoscaling/v2/HorizontalPodAutoscaler',
  'events.k8s.io/v1/Event': '/v1/Event',
};

/** A short hash of what the resource is stored as: tells clients whether their cache of it still holds. */
export function storageVersionHash({ group, version, kind }: Pick<ResourceInfo, 'group' | 'version' | 'kind'>): string {
  const served = `${group}/${version}/${kind}`;
  return createHash('sha256')
    .update(STORED_AS[served] ?? served)
    .digest()
    .subarray(0, 8)
    .toString('base64');
}

/** The aggregated document of `/api` (`core`) or of `/apis` (`groups`). */
export function aggregatedDiscovery(resources: readonly ResourceInfo[], of: 'core' | 'groups'): APIGroupDiscoveryList {
  const items = new Map<string, APIGroupDiscovery & { versions: object[] }>();
  for (const gv of servedGroupVersions(resources)) {
    if ((gv.group === '') !== (of === 'core')) continue;
    const item = items.get(gv.group) ?? { metadata: gv.group === '' ? {} : { name: gv.group }, versions: [] };
    items.set(gv.group, item);
    const own = resources.filter(({ group, version }) => group === gv.group && version === gv.version);
    const sorted = [...own].sort((a, b) => (a.resource < b.resource ? -1 : 1));
    item.versions.push({ version: gv.version, resources: sorted.map(resourceDiscovery), freshness: 'Current' });
  }
  return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items: [...items.values()] };
}

function resourceDiscovery(resource: ResourceInfo): APIResourceDiscovery {
  return {
    resource: resource.resource,
    responseKind: { group: '', version: '', kind: resource.kind },
    scope: resource.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: resource.singular,
    verbs: [...resource.verbs],
    ...(resource.shortNames.length > 0 && { shortNames: [...resource.shortNames] }),
    ...(resource.categories.length > 0 && { categories: [...resource.categories] }),
    ...(resource.subresources.length > 0 && {
      subresources: resource.subresources.map((sub) => ({
        subresource: sub.name,
        responseKind: { group: '', version: '', ...foreignGroupVersion(resource, sub), kind: sub.kind },
        verbs: [...sub.verbs],
      })),
    }),
  };
}
