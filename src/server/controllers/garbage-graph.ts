// Who owns whom, over all resources: no graph of its own but indexes on the shared informers, so that nothing is held twice.

import { type KubeObject, keyOf } from '../../api/object.ts';
import { groupResourceString, parseGroupVersion, type ResourceInfo } from '../../api/resources.ts';
import type { OwnerReference } from '../../api/types/meta-v1.gen.ts';
import type { Change, Informer, InformerFactory } from '../../client/informer.ts';

const OWNER_UID = 'ownerUid';
const indexers = {
  [OWNER_UID]: ({ metadata }: KubeObject): readonly string[] => (metadata.ownerReferences ?? []).map((ref) => ref.uid),
};

/** Events are never owned and come in numbers: upstream ignores them, too. */
const IGNORED: ReadonlySet<string> = new Set(['events', 'events.events.k8s.io']);

/** An object with the resource it is of. */
export interface GraphObject {
  readonly resource: ResourceInfo;
  readonly object: KubeObject;
}

interface Monitor {
  readonly resource: ResourceInfo;
  readonly informer: Informer<KubeObject>;
  readonly unsubscribe: () => void;
  /** Kept by another API server, which nobody waits for. */
  readonly isRemote: boolean;
}

/** The graph. Objects are named by keys `resource.group namespace/name`. */
export class GarbageGraph {
  readonly #informers: InformerFactory;
  readonly #monitors = new Map<string, Monitor>();
  readonly #byKind = new Map<string, ResourceInfo>();
  readonly #onChange: (resource: ResourceInfo, change: Change<KubeObject>) => void;

  constructor(options: { readonly onChange: (resource: ResourceInfo, change: Change<KubeObject>) => void }, informers: InformerFactory) {
    this.#onChange = options.onChange;
    this.#informers = informers;
  }

  /**
   * Follows every resource that can be deleted and watched, each in the first of its versions; those that are no longer served it leaves.
   * Resources of other servers come after the own ones. Returns the objects that name owners of kinds which only now are known there: of
   * what happened before nobody has told.
   */
  follow(own: readonly ResourceInfo[], remote: readonly ResourceInfo[]): GraphObject[] {
    const before = new Set(this.#byKind.keys());
    const added = new Set(remote.map(kindOf).filter((kind) => !before.has(kind)));
    const isRemote = new Set(remote);
    this.#byKind.clear();
    const wanted = new Map<string, ResourceInfo>();
    const served = new Set<string>();
    for (const resource of [...own, ...remote]) {
      const kind = kindOf(resource);
      if (!this.#byKind.has(kind)) this.#byKind.set(kind, resource);
      const name = groupResourceString(resource);
      served.add(`${name}/${resource.version}`);
      const followable = !resource.virtual && ['delete', 'list', 'watch'].every((verb) => resource.verbs.includes(verb));
      if (followable && !IGNORED.has(name) && !wanted.has(name)) wanted.set(name, resource);
    }
    for (const [name, { resource }] of this.#monitors) if (!served.has(`${name}/${resource.version}`)) this.#leave(name);
    for (const [name, resource] of wanted)
      if (!this.#monitors.has(name)) this.#monitors.set(name, this.#monitor(resource, isRemote.has(resource)));
    return added.size === 0 ? [] : this.#dependentsOfKinds(added);
  }

  #monitor(resource: ResourceInfo, isRemote: boolean): Monitor {
    const informer = this.#informers.informer(resource, { indexers });
    const unsubscribe = informer.onChange((change) => this.#onChange(resource, change));
    return { resource, informer, unsubscribe, isRemote };
  }

  #dependentsOfKinds(kinds: ReadonlySet<string>): GraphObject[] {
    const names = (reference: OwnerReference): boolean => kinds.has(ownerKind(reference));
    return [...this.#monitors.values()].flatMap(({ resource, informer }) =>
      informer.lister
        .list()
        .filter(({ metadata }) => metadata.ownerReferences?.some(names))
        .map((object) => ({ resource, object })),
    );
  }

  #leave(name: string): void {
    const monitor = this.#monitors.get(name);
    if (!monitor) return;
    monitor.unsubscribe();
    this.#monitors.delete(name);
    this.#informers.release(monitor.resource);
  }

  /** Stops following. */
  close(): void {
    for (const { unsubscribe } of this.#monitors.values()) unsubscribe();
    this.#monitors.clear();
  }

  /** Whether all informers of own resources have their first list: before, dependents could be overlooked. Other servers may never answer. */
  get hasSynced(): boolean {
    for (const { informer, isRemote } of this.#monitors.values()) if (!isRemote && !informer.hasSynced) return false;
    return true;
  }

  /** Resolves when all of those have. */
  async synced(signal: AbortSignal): Promise<void> {
    const own = [...this.#monitors.values()].filter(({ isRemote }) => !isRemote);
    await Promise.all(own.map(({ informer }) => informer.synced(signal)));
  }

  /** The key of an object. */
  keyOf({ resource, object }: GraphObject): string {
    return `${groupResourceString(resource)} ${keyOf(object)}`;
  }

  /** The object of a key. */
  get(key: string): GraphObject | undefined {
    const space = key.indexOf(' ');
    const monitor = this.#monitors.get(key.slice(0, space));
    const object = monitor?.informer.lister.get(key.slice(space + 1));
    return monitor && object ? { resource: monitor.resource, object } : undefined;
  }

  /** All objects that name `uid` as an owner. A namespaced owner has dependents in its namespace only. */
  dependentsOf({ metadata: { uid = '', namespace } }: KubeObject): GraphObject[] {
    const found: GraphObject[] = [];
    for (const { resource, informer } of this.#monitors.values()) {
      for (const object of informer.lister.byIndex(OWNER_UID, uid)) {
        if (namespace === undefined || object.metadata.namespace === namespace) found.push({ resource, object });
      }
    }
    return found;
  }

  /** The resource of an owner's kind; `undefined` when none is served. */
  resourceOf(reference: OwnerReference): ResourceInfo | undefined {
    return this.#byKind.get(ownerKind(reference));
  }

  /** Whether the objects of an owner's kind are followed, but not known yet. */
  isUnseen(reference: OwnerReference): boolean {
    const resource = this.resourceOf(reference);
    return resource !== undefined && this.#monitors.get(groupResourceString(resource))?.informer.hasSynced === false;
  }

  /** The owner as the informers know it, if it is the one of the reference's uid. */
  ownerOf(reference: OwnerReference, dependent: KubeObject): GraphObject | undefined {
    const resource = this.resourceOf(reference);
    const monitor = resource && this.#monitors.get(groupResourceString(resource));
    if (!monitor) return undefined;
    const namespace = monitor.resource.namespaced ? dependent.metadata.namespace : undefined;
    const object = monitor.informer.lister.get(namespace ? `${namespace}/${reference.name}` : reference.name);
    return object?.metadata.uid === reference.uid ? { resource: monitor.resource, object } : undefined;
  }

  /** Whether the owner of that uid is in some namespace: to tell a wrong reference from one whose owner is gone. */
  isElsewhere(reference: OwnerReference): boolean {
    const resource = this.resourceOf(reference);
    const monitor = resource && this.#monitors.get(groupResourceString(resource));
    return monitor?.informer.lister.list().some((object) => object.metadata.uid === reference.uid) ?? false;
  }
}

const kindOf = ({ group, kind }: ResourceInfo): string => `${group}/${kind}`;
const ownerKind = ({ apiVersion, kind }: OwnerReference): string => `${parseGroupVersion(apiVersion)?.group ?? ''}/${kind}`;
