// The aggregated form (apidiscovery.k8s.io/v2) of a legacy discovery document, for servers that only have that. Pure.

import type { APIResourceDiscovery, APISubresourceDiscovery, APIVersionDiscovery } from './types/apidiscovery-v2.gen.ts';
import type { APIResource, APIResourceList } from './types/meta-v1.gen.ts';

/** Converts the resources of one group version. A sub-resource whose resource is not listed gets one without verbs, as upstream. */
export function versionDiscovery(version: string, list: APIResourceList): APIVersionDiscovery {
  const byName = new Map<string, APIResourceDiscovery & { subresources?: APISubresourceDiscovery[] }>();
  for (const entry of list.resources ?? []) {
    const [name = '', subresource] = entry.name.split('/', 2);
    if (subresource === undefined) byName.set(name, { ...mainResource(entry, list), ...pick(byName.get(name)) });
    else {
      const parent = byName.get(name) ?? { resource: name, scope: scopeOf(entry), singularResource: '', verbs: [] };
      byName.set(name, { ...parent, subresources: [...(parent.subresources ?? []), subResource(subresource, entry, list)] });
    }
  }
  return { version, resources: [...byName.values()], freshness: 'Current' };
}

function pick(known: { subresources?: APISubresourceDiscovery[] } | undefined): { subresources?: APISubresourceDiscovery[] } {
  return known?.subresources ? { subresources: known.subresources } : {};
}

const scopeOf = ({ namespaced }: APIResource): string => (namespaced ? 'Namespaced' : 'Cluster');

/** An entry without group and version is of those of the document. */
function kindOf(entry: APIResource, { groupVersion }: APIResourceList) {
  const slash = groupVersion.indexOf('/');
  const own = { group: slash < 0 ? '' : groupVersion.slice(0, slash), version: groupVersion.slice(slash + 1) };
  return { group: entry.group || own.group, version: entry.version || own.version, kind: entry.kind };
}

function mainResource(entry: APIResource, list: APIResourceList): APIResourceDiscovery {
  return {
    resource: entry.name,
    responseKind: kindOf(entry, list),
    scope: scopeOf(entry),
    singularResource: entry.singularName ?? '',
    verbs: [...(entry.verbs ?? [])],
    ...(entry.shortNames?.length && { shortNames: [...entry.shortNames] }),
    ...(entry.categories?.length && { categories: [...entry.categories] }),
  };
}

function subResource(subresource: string, entry: APIResource, list: APIResourceList): APISubresourceDiscovery {
  return { subresource, responseKind: kindOf(entry, list), verbs: [...(entry.verbs ?? [])] };
}
