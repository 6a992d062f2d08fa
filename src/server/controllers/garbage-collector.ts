// Deletes objects whose owners are gone, and carries out the foreground and orphan policies of deletion.

import { type KubeObject, keyOf, nameOf } from '../../api/object.ts';
import type { ResourceInfo } from '../../api/resources.ts';
import { isNotFound } from '../../api/status-error.ts';
import type { OwnerReference } from '../../api/types/meta-v1.gen.ts';
import type { Component } from '../../base/component.ts';
import { ControllerLoop } from '../../client/controller-loop.ts';
import type { Change } from '../../client/informer.ts';
import type { ReconcileResult, WorkQueue } from '../../client/reconciler.ts';
import type { EventRecorder } from '../../client/recorder.ts';
import type { ControllerManagerDeps } from './controller.ts';
import { GarbageGraph, type GraphObject } from './garbage-graph.ts';
import {
  blockingDependents,
  concernsCollector,
  FOREGROUND,
  isDeletingDependents,
  isOrphaning,
  type JudgedOwner,
  lostOwners,
  ORPHAN,
  type OwnerState,
  planCollect,
  withoutOwner,
} from './garbage-plan.ts';

/** Objects worked on at the same time: upstream's --concurrent-gc-syncs. */
const WORKERS = 20;
/** Wait while a new resource's objects are not all known. */
const SYNC_RETRY_MS = 200;
/** An owner of a kind that is not served may be served later. */
const UNRESOLVABLE_RETRY_MS = 60_000;
/** An owner that another server's list has not shown yet may go before it does, and nobody would tell. */
const UNSEEN_RETRY_MS = 5_000;
/** Owners known to be absent: upstream's size. Saves a read for each of many dependents of one owner. */
const MAX_ABSENT = 500;

type Deps = Pick<
  ControllerManagerDeps,
  'client' | 'clock' | 'extensions' | 'informers' | 'log' | 'onResourcesChange' | 'recorder' | 'resources'
>;

/** The controller. Its keys are those of GarbageGraph. */
export function garbageCollector(deps: Deps): Component {
  const setup = (queue: WorkQueue) => {
    const collector = new Collector(deps, queue);
    const { graph } = collector;
    collector.follow();
    const changes = deps.onResourcesChange(() => collector.follow());
    const unsubscribe = (): void => {
      changes.close();
      graph.close();
    };
    const source = { synced: (signal: AbortSignal) => graph.synced(signal), subscribe: () => unsubscribe };
    return { sources: [source], reconcile: (key: string, signal: AbortSignal) => collector.reconcile(key, signal) };
  };
  return new ControllerLoop({ name: 'garbage-collector', workers: WORKERS, setup }, deps);
}

class Collector {
  readonly graph: GarbageGraph;
  readonly #deps: Deps;
  readonly #queue: WorkQueue;
  readonly #events: EventRecorder;
  readonly #absent = new Set<string>();

  constructor(deps: Deps, queue: WorkQueue) {
    this.#deps = deps;
    this.#queue = queue;
    this.#events = deps.recorder('garbage-collector-controller');
    this.graph = new GarbageGraph({ onChange: (resource, change) => this.#changed(resource, change) }, deps.informers);
  }

  /** Follows what is served now. What a server does not answer for is not followed: its kinds then say nothing of owners. */
  follow(): void {
    const { resources, extensions } = this.#deps;
    for (const item of this.graph.follow(resources(), extensions().resources)) this.#enqueue(item);
  }

  async reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    if (!this.graph.hasSynced) return { requeueAfterMs: SYNC_RETRY_MS };
    const found = this.graph.get(key);
    if (!found) return undefined;
    if (isOrphaning(found.object)) await this.#orphan(found, signal);
    else if (isDeletingDependents(found.object)) await this.#deleteDependents(found, signal);
    else if (!found.object.metadata.deletionTimestamp) return await this.#collect(found, signal);
    return undefined;
  }

  /** Puts into the queue whom a change concerns: the object, owners that wait for it, dependents of one that went. */
  #changed(resource: ResourceInfo, change: Change<KubeObject>): void {
    const { object, type } = change;
    if (concernsCollector(change)) this.#enqueue({ resource, object });
    for (const reference of lostOwners(change)) {
      const owner = this.graph.ownerOf(reference, object);
      if (owner && isDeletingDependents(owner.object)) this.#enqueue(owner);
    }
    if (type === 'deleted') for (const dependent of this.graph.dependentsOf(object)) this.#enqueue(dependent);
  }

  #enqueue(item: GraphObject): void {
    this.#queue.add(this.graph.keyOf(item));
  }

  async #orphan(owner: GraphObject, signal: AbortSignal): Promise<void> {
    const { uid } = owner.object.metadata;
    for (const dependent of this.graph.dependentsOf(owner.object)) {
      await this.#patch(dependent, { ownerReferences: orNull(withoutOwner(dependent.object, uid)) }, signal);
    }
    await this.#removeFinalizer(owner, ORPHAN, signal);
  }

  async #deleteDependents(owner: GraphObject, signal: AbortSignal): Promise<void> {
    const dependents = this.graph.dependentsOf(owner.object);
    const blocking = blockingDependents(
      owner.object,
      dependents.map((d) => d.object),
    );
    for (const dependent of dependents) if (!dependent.object.metadata.deletionTimestamp) this.#enqueue(dependent);
    if (blocking.length === 0) await this.#removeFinalizer(owner, FOREGROUND, signal);
  }

  async #collect(item: GraphObject, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const { object } = item;
    const owners: JudgedOwner[] = [];
    for (const reference of object.metadata.ownerReferences ?? [])
      owners.push({ reference, state: await this.#judge(reference, item, signal) });
    const dependents = this.graph.dependentsOf(object).map((d) => d.object);
    const plan = planCollect(object, owners, dependents);
    if (plan.kind === 'set-owners') await this.#patch(item, { ownerReferences: plan.references }, signal);
    else if (plan.kind === 'delete') {
      const current = plan.unblock ? await this.#patch(item, { ownerReferences: plan.unblock }, signal) : object;
      if (current) await this.#delete({ ...item, object: current }, { policy: plan.policy, signal });
    }
    if (owners.some((o) => this.graph.isUnseen(o.reference))) return { requeueAfterMs: UNSEEN_RETRY_MS };
    return owners.some((o) => !this.graph.resourceOf(o.reference)) ? { requeueAfterMs: UNRESOLVABLE_RETRY_MS } : undefined;
  }

  async #judge(reference: OwnerReference, { object }: GraphObject, signal: AbortSignal): Promise<OwnerState> {
    const known = this.graph.ownerOf(reference, object);
    if (known) return isDeletingDependents(known.object) ? 'waiting' : 'solid';
    const resource = this.graph.resourceOf(reference);
    if (!resource) return 'unresolvable';
    const { namespace = '' } = object.metadata;
    if (resource.namespaced && namespace === '') {
      this.#reportWrongNamespace(reference, object);
      return 'unresolvable';
    }
    return await this.#judgeLive(reference, { resource, object }, signal);
  }

  /** The informers do not know the owner: before its dependents go, the API itself must say that it is not there. */
  async #judgeLive(reference: OwnerReference, { resource, object }: GraphObject, signal: AbortSignal): Promise<OwnerState> {
    const namespace = resource.namespaced ? (object.metadata.namespace ?? '') : '';
    const id = `${reference.uid} ${namespace}`;
    if (this.#absent.has(id)) return 'absent';
    try {
      const live = await this.#deps.client.get(resource, { namespace, name: reference.name }, { signal });
      if (live.metadata.uid === reference.uid) return isDeletingDependents(live) ? 'waiting' : 'solid';
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    if (resource.namespaced && this.graph.isElsewhere(reference)) this.#reportWrongNamespace(reference, object);
    this.#rememberAbsent(id);
    return 'absent';
  }

  #rememberAbsent(id: string): void {
    this.#absent.add(id);
    if (this.#absent.size <= MAX_ABSENT) return;
    for (const oldest of this.#absent) {
      this.#absent.delete(oldest);
      return;
    }
  }

  #reportWrongNamespace({ apiVersion, kind, name, uid }: OwnerReference, object: KubeObject): void {
    const { namespace = '' } = object.metadata;
    const reference = `[${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}]`;
    this.#events.event(object, 'Warning', 'OwnerRefInvalidNamespace', `ownerRef ${reference} does not exist in namespace "${namespace}"`);
  }

  async #removeFinalizer(item: GraphObject, finalizer: string, signal: AbortSignal): Promise<void> {
    const finalizers = (item.object.metadata.finalizers ?? []).filter((name) => name !== finalizer);
    await this.#patch(item, { finalizers: orNull(finalizers) }, signal);
  }

  /**
   * Patches metadata of exactly the version that was looked at; `undefined` when the object is gone.
   * @throws StatusError Conflict when it changed: the next attempt sees the newer one.
   */
  async #patch({ resource, object }: GraphObject, metadata: object, signal: AbortSignal): Promise<KubeObject | undefined> {
    const { uid, resourceVersion } = object.metadata;
    const body = { metadata: { uid, resourceVersion, ...metadata } };
    try {
      return await this.#deps.client.patch(resource, nameOf(keyOf(object)), { type: 'merge', body }, { signal });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async #delete({ resource, object }: GraphObject, { policy, signal }: { policy: string; signal: AbortSignal }): Promise<void> {
    const { uid = '', resourceVersion = '' } = object.metadata;
    const options = { propagationPolicy: policy, preconditions: { uid, resourceVersion }, signal };
    await this.#deps.client.delete(resource, nameOf(keyOf(object)), options).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  }
}

/** A merge patch removes a list by null. */
const orNull = <T>(list: readonly T[]): readonly T[] | null => (list.length > 0 ? list : null);
