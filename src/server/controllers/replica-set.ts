// The ReplicaSet controller: keeps spec.replicas pods of the template running. The same loop runs ReplicationControllers, which
// are ReplicaSets with a plainer selector (replication-controller.ts).

import { labelSelectorMatcher } from '../../api/labels.ts';
import { type KubeObject, keyOf, nameOf } from '../../api/object.ts';
import { isNotFound, StatusError } from '../../api/status-error.ts';
import type { ReplicaSet, ReplicaSetStatus } from '../../api/types/apps-v1.gen.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import { rfc3339 } from '../../base/clock.ts';
import type { Component } from '../../base/component.ts';
import { messageOf } from '../../base/errors.ts';
import type { TypedResource } from '../../client/client.ts';
import { ControllerLoop, source } from '../../client/controller-loop.ts';
import type { Change, Lister } from '../../client/informer.ts';
import type { ReconcileResult } from '../../client/reconciler.ts';
import type { EventRecorder } from '../../client/recorder.ts';
import { PODS, REPLICA_SETS } from '../../client/resources.ts';
import type { ControllerDeps } from './controller.ts';
import { ControllerExpectations } from './controller-expectations.ts';
import { byControllerUid, claimObjects, controllerKeys, controllerOf, controllerRef } from './controller-ref.ts';
import {
  msUntilNextAvailable,
  planReplicas,
  podFromTemplate,
  type ReplicaFailure,
  replicaSetStatus,
  slowStartBatches,
} from './replica-set-plan.ts';
import { isPodActive } from './replica-set-pods.ts';

/** A kind of object that is run as a ReplicaSet. `T` is that kind. */
export interface ReplicaKind<T extends KubeObject> {
  /** Name of the loop. */
  readonly name: string;
  /** The component that events name. */
  readonly component: string;
  readonly resource: TypedResource<T>;
  /** The object as a ReplicaSet, the same one for the same object; kind and apiVersion do not matter. */
  readonly asReplicaSet: (object: T) => ReplicaSet;
  /** The object with a status. */
  readonly withStatus: (object: T, status: ReplicaSetStatus) => T;
}

/** What failed and the error behind it, so that the loop retries. */
interface Failed {
  readonly failure: ReplicaFailure;
  readonly error: unknown;
}

/** Whether a creation was refused because its namespace is going: nothing to retry. */
export const isNamespaceTerminating = (error: unknown): boolean =>
  error instanceof StatusError && (error.status.details?.causes?.some((cause) => cause.reason === 'NamespaceTerminating') ?? false);

/** The ReplicaSets whose reconciliation a pod concerns: its controller, or for an orphan all that select it. */
function replicaSetKeysOf(pod: Pod, kind: string, sets: Lister<ReplicaSet>): string[] {
  const { namespace = '' } = pod.metadata;
  if (controllerOf(pod)) return controllerKeys(pod, kind, sets);
  if (pod.metadata.deletionTimestamp) return [];
  const labels = pod.metadata.labels ?? {};
  return sets
    .list(namespace)
    .filter((set) => labelSelectorMatcher(set.spec.selector).matches(labels))
    .map(keyOf);
}

/** A lister that shows objects as ReplicaSets. */
function asReplicaSets<T extends KubeObject>(lister: Lister<T>, convert: (object: T) => ReplicaSet): Lister<ReplicaSet> {
  return {
    get: (key) => {
      const object = lister.get(key);
      return object && convert(object);
    },
    list: (namespace) => lister.list(namespace).map(convert),
    byIndex: (index, value) => lister.byIndex(index, value).map(convert),
  };
}

interface ReplicaListers<T extends KubeObject> {
  readonly owners: Lister<T>;
  readonly pods: Lister<Pod>;
}

class ReplicaSetReconciler<T extends KubeObject> {
  readonly #kind: ReplicaKind<T>;
  readonly #deps: ControllerDeps;
  readonly #owners: Lister<T>;
  readonly #recorder: EventRecorder;
  readonly #sets: Lister<ReplicaSet>;
  readonly #pods: Lister<Pod>;
  readonly #expectations: ControllerExpectations;

  constructor(kind: ReplicaKind<T>, deps: ControllerDeps, { owners, pods }: ReplicaListers<T>) {
    this.#kind = kind;
    this.#deps = deps;
    this.#recorder = deps.recorder(kind.component);
    this.#owners = owners;
    this.#sets = asReplicaSets(owners, kind.asReplicaSet);
    this.#pods = pods;
    this.#expectations = new ControllerExpectations(deps.clock);
  }

  /** Keys that a change of a pod concerns; also ticks off what was expected. */
  podKeys(change: Change<Pod>): string[] {
    const { object: pod, old } = change;
    const keys = replicaSetKeysOf(pod, this.#kind.resource.kind, this.#sets);
    if (controllerOf(pod)) this.#expectations.observe(keys, change);
    const movedFrom =
      old && controllerOf(old)?.uid !== controllerOf(pod)?.uid ? replicaSetKeysOf(old, this.#kind.resource.kind, this.#sets) : [];
    return [...keys, ...movedFrom];
  }

  async reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const owner = this.#owners.get(key);
    if (!owner) {
      this.#expectations.forget(key);
      return undefined;
    }
    const set = this.#kind.asReplicaSet(owner);
    const mayCount = this.#expectations.satisfied(key);
    const owned = await this.#claim(set, signal);
    const failed = mayCount ? await this.#manage(set, owned, signal) : undefined;
    const nowMs = this.#deps.clock.now();
    const status = replicaSetStatus(set, { owned, failure: failed?.failure, nowMs, now: rfc3339(nowMs) });
    if (status) {
      await this.#deps.client.update(this.#kind.resource, this.#kind.withStatus(owner, status), { subresource: 'status', signal });
    }
    if (failed) throw failed.error;
    const requeueAfterMs = msUntilNextAvailable(set, owned, nowMs);
    return requeueAfterMs === undefined ? undefined : { requeueAfterMs };
  }

  #claim(set: ReplicaSet, signal: AbortSignal): Promise<Pod[]> {
    const selector = labelSelectorMatcher(set.spec.selector);
    const owned = this.#pods.byIndex('controllerUid', set.metadata.uid ?? '');
    // Orphans are few; looking only at them and the owned keeps a sync independent of the namespace's size.
    const orphans = this.#pods.byIndex('orphanNamespace', set.metadata.namespace ?? '').filter(isPodActive);
    const ownerResource: TypedResource<KubeObject> = this.#kind.resource;
    const claim = { owner: set, ownerResource, selector, resource: PODS, objects: [...owned, ...orphans] };
    return claimObjects(this.#deps.client, claim, signal);
  }

  async #manage(set: ReplicaSet, owned: readonly Pod[], signal: AbortSignal): Promise<Failed | undefined> {
    const plan = planReplicas(set, owned.filter(isPodActive), this.#related(set), this.#deps.clock.now());
    if (plan.create > 0) return await this.#create(set, plan.create, signal);
    return plan.delete.length > 0 ? await this.#delete(set, plan.delete, signal) : undefined;
  }

  /** Pods of all ReplicaSets with the same owner, e.g. the old and new ones of a Deployment. */
  #related(set: ReplicaSet): Pod[] {
    const owner = controllerOf(set)?.uid;
    const sets = owner === undefined ? [set] : this.#sets.byIndex('controllerUid', owner);
    return sets.flatMap((related) => this.#pods.byIndex('controllerUid', related.metadata.uid ?? ''));
  }

  async #create(set: ReplicaSet, count: number, signal: AbortSignal): Promise<Failed | undefined> {
    const key = keyOf(set);
    this.#expectations.expectCreations(key, count);
    let left = count;
    for (const batch of slowStartBatches(count)) {
      const results = await Promise.allSettled(Array.from({ length: batch }, () => this.#createOne(set, signal)));
      left -= batch;
      const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
      if (failures.length === 0) continue;
      for (let i = 0; i < failures.length + left; i++) this.#expectations.creationObserved(key);
      const [error] = failures;
      // A namespace that is going takes no pods: nothing to retry.
      if (isNamespaceTerminating(error)) return undefined;
      return { error, failure: { reason: 'FailedCreate', message: messageOf(error) } };
    }
    return undefined;
  }

  async #createOne(set: ReplicaSet, signal: AbortSignal): Promise<void> {
    const { namespace = '' } = set.metadata;
    const pod = podFromTemplate(set.spec.template ?? { metadata: {}, spec: { containers: [] } }, controllerRef(set, this.#kind.resource));
    const draft = { ...pod, metadata: { ...pod.metadata, namespace } };
    try {
      const created = await this.#deps.client.create(PODS, draft, { signal });
      this.#recorder.event(set, 'Normal', 'SuccessfulCreate', `Created pod: ${created.metadata.name}`);
    } catch (error) {
      if (!isNamespaceTerminating(error)) this.#recorder.event(set, 'Warning', 'FailedCreate', `Error creating: ${messageOf(error)}`);
      throw error;
    }
  }

  async #delete(set: ReplicaSet, pods: readonly Pod[], signal: AbortSignal): Promise<Failed | undefined> {
    const key = keyOf(set);
    const ids = pods.map((pod) => pod.metadata.uid ?? '');
    this.#expectations.expectDeletions(key, ids);
    const results = await Promise.allSettled(pods.map((pod) => this.#deleteOne(set, pod, signal)));
    const failures = results.flatMap((result, i) =>
      result.status === 'rejected' ? [{ id: ids[i] ?? '', error: result.reason as unknown }] : [],
    );
    for (const { id } of failures) this.#expectations.deletionObserved(key, id);
    const real = failures.find(({ error }) => !isNotFound(error));
    return real && { error: real.error, failure: { reason: 'FailedDelete', message: messageOf(real.error) } };
  }

  async #deleteOne(set: ReplicaSet, pod: Pod, signal: AbortSignal): Promise<void> {
    try {
      await this.#deps.client.delete(PODS, nameOf(keyOf(pod)), { preconditions: { uid: pod.metadata.uid ?? '' }, signal });
    } catch (error) {
      if (!isNotFound(error)) this.#recorder.event(set, 'Warning', 'FailedDelete', `Error deleting: ${messageOf(error)}`);
      throw error;
    }
    this.#recorder.event(set, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`);
  }
}

/** Index of pods without a controller, by namespace. */
const orphanIndex = {
  orphanNamespace: (pod: Pod): readonly string[] => (controllerOf(pod) ? [] : [pod.metadata.namespace ?? '']),
};

/** Runs the objects of a kind as ReplicaSets. */
export function replicaController<T extends KubeObject>(kind: ReplicaKind<T>, deps: ControllerDeps): Component {
  const setup = () => {
    const owners = deps.informers.informer(kind.resource, { indexers: byControllerUid });
    const pods = deps.informers.informer(PODS, { indexers: { ...byControllerUid, ...orphanIndex } });
    const reconciler = new ReplicaSetReconciler(kind, deps, { owners: owners.lister, pods: pods.lister });
    return {
      sources: [source(owners), source(pods, (change) => reconciler.podKeys(change))],
      reconcile: (key: string, signal: AbortSignal) => reconciler.reconcile(key, signal),
    };
  };
  return new ControllerLoop({ name: kind.name, setup }, deps);
}

/** Runs ReplicaSets. */
export function replicaSetController(deps: ControllerDeps): Component {
  const kind: ReplicaKind<ReplicaSet> = {
    name: 'replicaset',
    component: 'replicaset-controller',
    resource: REPLICA_SETS,
    asReplicaSet: (set) => set,
    withStatus: (set, status) => ({ ...set, status }),
  };
  return replicaController(kind, deps);
}
