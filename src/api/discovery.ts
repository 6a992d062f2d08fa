// Discovery documents as pure functions of the resources that are served: the legacy ones (APIVersions, APIGroupList,
// APIResourceList) and the aggregated one (apidiscovery.k8s.io/v2). Rules: Kubernetes API concepts, "API Discovery".

import { createHash } from 'node:crypto';
import { localRank, type RankedGroupVersion, sortGroupVersions } from './group-priorities.ts';
import { type GroupVersion, groupVersionString, type ResourceInfo, type SubresourceInfo } from './resources.ts';
import type { APIGroupDiscovery, APIGroupDiscoveryList, APIResourceDiscovery, APIVersionDiscovery } from './types/apidiscovery-v2.gen.ts';
import type { APIGroup, APIGroupList, APIResource, APIResourceList, APIVersions } from './types/meta-v1.gen.ts';

/** What others than this server add to discovery: APIServices. */
export interface RemoteDiscovery {
  /** Every registered group version, the local ones too: their places. */
  registered(): readonly RankedGroupVersion[];
  /** What is known of a group version that another server serves; undefined = this server's own. */
  document(gv: GroupVersion): APIVersionDiscovery | undefined;
}

const NOTHING_REMOTE: RemoteDiscovery = { registered: () => [], document: () => undefined };

/** The group versions of the resources, and those that others serve: groups by priority, the preferred version of each first. */
export function servedGroupVersions(resources: readonly ResourceInfo[], remote: RemoteDiscovery = NOTHING_REMOTE): GroupVersion[] {
  const unique = new Map<string, RankedGroupVersion>();
  for (const { group, version } of resources) {
    const key = `${group}/${version}`;
    if (!unique.has(key)) unique.set(key, { group, version, rank: localRank({ group, version }) });
  }
  for (const item of remote.registered()) {
    const key = `${item.group}/${item.version}`;
    if (unique.has(key) || remote.document(item)) unique.set(key, item);
  }
  return sortGroupVersions([...unique.values()]).map(({ group, version }) => ({ group, version }));
}

/** GET /api. `serverAddress` is host:port as clients reach it. */
export function apiVersions(serverAddress: string): APIVersions {
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }] };
}

/** GET /apis: every group but the core group. */
export function apiGroupList(resources: readonly ResourceInfo[], remote?: RemoteDiscovery): APIGroupList {
  const groups = new Map<string, GroupVersion[]>();
  for (const gv of servedGroupVersions(resources, remote)) if (gv.group !== '') groups.set(gv.group, [...(groups.get(gv.group) ?? []), gv]);
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: [...groups.values()].map(groupOf) };
}

/** GET /apis/GROUP, or undefined if the group is not served. */
export function apiGroup(resources: readonly ResourceInfo[], group: string, remote?: RemoteDiscovery): APIGroup | undefined {
  const versions = servedGroupVersions(resources, remote).filter((gv) => gv.group === group);
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
    .sort(byName);
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
export function storageVersionHash(resource: Pick<ResourceInfo, 'group' | 'version' | 'kind' | 'storedVersion'>): string {
  const { group, version, kind, storedVersion = version } = resource;
  const served = `${group}/${storedVersion}/${kind}`;
  return createHash('sha256')
    .update(STORED_AS[served] ?? served)
    .digest()
    .subarray(0, 8)
    .toString('base64');
}

/** The aggregated document of `/api` (`core`) or of `/apis` (`groups`). */
export function aggregatedDiscovery(
  resources: readonly ResourceInfo[],
  of: 'core' | 'groups',
  remote?: RemoteDiscovery,
): APIGroupDiscoveryList {
  const items = new Map<string, APIGroupDiscovery & { versions: APIVersionDiscovery[] }>();
  for (const gv of servedGroupVersions(resources, remote)) {
    if ((gv.group === '') !== (of === 'core')) continue;
    const item = items.get(gv.group) ?? { metadata: gv.group === '' ? {} : { name: gv.group }, versions: [] };
    items.set(gv.group, item);
    item.versions.push(remote?.document(gv) ?? localVersion(resources, gv));
  }
  return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items: [...items.values()] };
}

function localVersion(resources: readonly ResourceInfo[], gv: GroupVersion): APIVersionDiscovery {
  const own = resources.filter(({ group, version }) => group === gv.group && version === gv.version);
  const sorted = [...own].sort((a, b) => (a.resource < b.resource ? -1 : 1));
  return { version: gv.version, resources: sorted.map(resourceDiscovery), freshness: 'Current' };
}

const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);

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
      subresources: resource.subresources.toSorted(byName).map((sub) => ({
        subresource: sub.name,
        responseKind: { group: '', version: '', ...foreignGroupVersion(resource, sub), kind: sub.kind },
        verbs: [...sub.verbs],
      })),
    }),
  };
}
