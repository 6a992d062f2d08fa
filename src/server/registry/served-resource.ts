// A resource as the registry serves it: its description, where it is stored, how it is written.

import { builtinType } from '../../api/builtin-type.ts';
import type { KubeObject } from '../../api/object.ts';
import type { ObjectType } from '../../api/object-type.ts';
import { type GroupVersionKind, type GroupVersionResource, groupVersionString, type ResourceInfo } from '../../api/resources.ts';
import type { Durability } from '../store/store.ts';
import type { Strategy, StrategyFlags } from './strategy.ts';
import type { Subresource } from './subresource.ts';

/** Turns objects between what is stored and what is served. Both ways take an object that they do not change. */
export interface Conversion {
  /** What is stored. */
  readonly storedType: ObjectType;
  /** Gets what `fromStored` of these stored objects needs from elsewhere; absent = nothing is ever needed. @throws StatusError */
  readonly load?: ((objects: readonly KubeObject[]) => Promise<void>) | undefined;
  /** The object as served; the same object when that is how it is stored. With `load`, only after it. */
  fromStored(object: KubeObject): KubeObject;
  /** @throws StatusError */
  toStored(object: KubeObject): KubeObject | Promise<KubeObject>;
}

/** One resource of one version. */
export interface ServedResource {
  readonly info: ResourceInfo;
  /** How its objects are read, written and shown. */
  readonly type: ObjectType;
  readonly strategy: Strategy;
  readonly flags: StrategyFlags;
  /** Keys of its objects begin with this; ends in `/`. */
  readonly prefix: string;
  readonly durability: Durability;
  /** Durability of writes of /status. */
  readonly statusDurability: Durability;
  /** Set when objects may be stored otherwise than they are served. */
  readonly conversion: Conversion | undefined;
  /** All versions its objects may have been written in, this one too and those that are not served any more, by apiVersion; absent = this one only. */
  readonly forms?: ReadonlyMap<string, ServedResource>;
  /** Sub-resources beyond those of the built-in table. */
  readonly subresources?: ReadonlyMap<string, Subresource>;
  /** What clients that use this version are warned of. */
  readonly deprecation?: string;
}

/** The key of an object: `/registry/pods/default/web`. `namespace` is `''` for cluster-scoped ones. */
export function keyFor(served: ServedResource, namespace: string, name: string): string {
  return namespace === '' ? served.prefix + name : `${served.prefix}${namespace}/${name}`;
}

/** The versions of one resource, each with all of them as its `forms`. */
export function withForms(versions: readonly ServedResource[]): readonly ServedResource[] {
  if (versions.length < 2) return versions;
  const forms = new Map<string, ServedResource>();
  for (const served of versions) forms.set(groupVersionString(served.info), { ...served, forms });
  return [...forms.values()];
}

/** The kind of a resource's objects. */
export function kindOf(info: ResourceInfo): GroupVersionKind {
  return { group: info.group, version: info.version, kind: info.kind };
}

/** The type of what a resource or sub-resource takes and gives. */
export function bodyType(served: ServedResource, subresource: string): ObjectType {
  const sub = subresource === '' ? undefined : served.info.subresources.find((item) => item.name === subresource);
  if (!sub || sub.connect.length > 0 || (sub.kind === served.info.kind && sub.group === served.info.group)) return served.type;
  const { group, version } = sub;
  return builtinType({ group, version, kind: sub.kind }, { group, version, resource: sub.name });
}

/** Subject of `Invalid` errors, which name the kind. */
export function kindSubject(info: ResourceInfo): { group: string; resource: string } {
  return { group: info.group, resource: info.kind };
}

/** The bytes with which stored JSON of a resource begins, after the brace: `"kind":"Pod","apiVersion":"v1",`. */
export function typePrefix(gvk: GroupVersionKind): string {
  return `"kind":${JSON.stringify(gvk.kind)},"apiVersion":${JSON.stringify(groupVersionString(gvk))},`;
}

/** `group/version/resource`: a map key. */
export function gvrKey(gvr: GroupVersionResource): string {
  return `${gvr.group}/${gvr.version}/${gvr.resource}`;
}
