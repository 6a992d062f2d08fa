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

  /** Follows every resource that can be deleted and watched, each in the first of its versions; those that are no longer served it leaves. */
  follow(resources: readonly ResourceInfo[]): void {
    this.#byKind.clear();
    const wanted = new Map<string, ResourceInfo>();
    const served = new Set<string>();
    for (const resource of resources) {
      const kind = `${resource.group}/${resource.kind}`;
      if (!this.#byKind.has(kind)) this.#byKind.set(kind, resource);
      const name = groupResourceString(resource);
      served.add(`${name}/${resource.version}`);
      const followable = !resource.virtual && ['delete', 'list', 'watch'].every((verb) => resource.verbs.includes(verb));
      if (followable && !IGNORED.has(name) && !wanted.has(name)) wanted.set(name, resource);
    }
    for (const [name, { resource }] of this.#monitors) if (!served.has(`${name}/${resource.version}`)) this.#leave(name);
    for (const [name, resource] of wanted) if (!this.#monitors.has(name)) this.#monitor(name, resource);
  }

  #monitor(name: string, resource: ResourceInfo): void {
    const informer = this.#informers.informer(resource, { indexers });
    const unsubscribe = informer.onChange((change) => this.#onChange(resource, change));
    this.#monitors.set(name, { resource, informer, unsubscribe });
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

  /** Whether all informers have their first list: before, dependents could be overlooked. */
  get hasSynced(): boolean {
    for (const { informer } of this.#monitors.values()) if (!informer.hasSynced) return false;
    return true;
  }

  /** Resolves when all have. */
  async synced(signal: AbortSignal): Promise<void> {
    await Promise.all([...this.#monitors.values()].map(({ informer }) => informer.synced(signal)));
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
    const group = parseGroupVersion(reference.apiVersion)?.group ?? '';
    return this.#byKind.get(`${group}/${reference.kind}`);
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
