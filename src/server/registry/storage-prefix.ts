// Where objects are stored: the key layout of kube-apiserver's etcd, so that the same data can be read by it.

import { groupResourceString, type ResourceInfo } from '../../api/resources.ts';

/** Resources whose folder is not their plural name. */
const FOLDERS: ReadonlyMap<string, string> = new Map([
  ['endpoints', 'services/endpoints'],
  ['ingresses.networking.k8s.io', 'ingress'],
  ['nodes', 'minions'],
  ['replicationcontrollers', 'controllers'],
  ['services', 'services/specs'],
]);

/** Built-in groups that store below their group's name. */
const GROUP_FOLDERS: ReadonlySet<string> = new Set(['apiextensions.k8s.io', 'apiregistration.k8s.io']);

/** The key prefix of a built-in resource, e.g. `/registry/pods/`. */
export function storagePrefix(info: ResourceInfo): string {
  if (GROUP_FOLDERS.has(info.group)) return `/registry/${info.group}/${info.resource}/`;
  return `/registry/${FOLDERS.get(groupResourceString(info)) ?? info.resource}/`;
}
