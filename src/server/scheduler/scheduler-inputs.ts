// What the scheduler watches: changes of informers go into the cluster state, the queue and the promises.

import { deepEqual } from '../../api/copy.ts';
import { keyOf } from '../../api/object.ts';
import type { Node, Pod } from '../../api/types/core-v1.gen.ts';
import type { LabelSelector, OwnerReference } from '../../api/types/meta-v1.gen.ts';
import type { Change, InformerFactory, Lister } from '../../client/informer.ts';
import {
  NAMESPACES,
  NODES,
  PERSISTENT_VOLUME_CLAIMS,
  PERSISTENT_VOLUMES,
  POD_DISRUPTION_BUDGETS,
  PODS,
  REPLICA_SETS,
  REPLICATION_CONTROLLERS,
  SERVICES,
  STATEFUL_SETS,
  STORAGE_CLASSES,
} from '../../client/resources.ts';
import { ClusterState } from './cluster-state.ts';
import { defaultSelector } from './default-selector.ts';
import { type DisruptionBudget, disruptionBudget } from './disruption-budget.ts';
import type { Nominator } from './nominator.ts';
import { isTerminated, type PodInfo, podInfo } from './pod-info.ts';
import { SCHEDULER_NAME } from './profile.ts';
import type { ClusterEvent } from './queueing-hints.ts';
import type { SchedulingQueue } from './scheduling-queue.ts';

/** The inputs, subscribed. */
export interface SchedulerInputs {
  readonly state: ClusterState;
  readonly pods: Lister<Pod>;
  budgets(): DisruptionBudget[];
  synced(signal: AbortSignal): Promise<unknown>;
  unsubscribe(): void;
}

/** Where changes go. */
interface InputSinks {
  readonly queue: SchedulingQueue;
  readonly nominator: Nominator;
  /** Told of waiting pods with scheduling gates. */
  readonly onGated: (pod: Pod) => void;
}

const isOurs = (pod: Pod): boolean => (pod.spec.schedulerName || SCHEDULER_NAME) === SCHEDULER_NAME;

/** Whether a version of a waiting pod differs in what scheduling looks at. */
function isSchedulingChange(pod: Pod, old: Pod | undefined): boolean {
  if (!old) return true;
  const [a, b] = [pod.metadata, old.metadata];
  return !(
    deepEqual(pod.spec, old.spec) &&
    deepEqual(a.labels ?? {}, b.labels ?? {}) &&
    deepEqual(a.annotations ?? {}, b.annotations ?? {}) &&
    a.deletionTimestamp === b.deletionTimestamp
  );
}

/** Applies changes of pods. */
class PodInput {
  readonly #state: ClusterState;
  readonly #sinks: InputSinks;
  readonly #event: (event: ClusterEvent) => void;

  constructor(state: ClusterState, sinks: InputSinks, event: (event: ClusterEvent) => void) {
    this.#state = state;
    this.#sinks = sinks;
    this.#event = event;
  }

  apply(change: Change<Pod>): void {
    const { object: pod } = change;
    if (change.type === 'deleted' || isTerminated(pod)) this.#gone(pod);
    else if (pod.spec.nodeName) this.#placed(podInfo(pod), change.old);
    else if (isOurs(pod)) this.#waiting(pod, change.old);
  }

  #gone(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    const info = podInfo(pod);
    this.#sinks.queue.remove(info.key);
    this.#sinks.nominator.delete(uid);
    const wasPlaced = this.#state.placeOf(uid) !== undefined;
    this.#state.removePod(uid);
    if (wasPlaced) this.#event({ kind: 'pod-deleted', pod: info });
  }

  #placed(info: PodInfo, old: Pod | undefined): void {
    const wasPlaced = this.#state.placeOf(info.uid) !== undefined && !this.#state.isAssumed(info.uid);
    this.#sinks.queue.remove(info.key);
    this.#sinks.nominator.delete(info.uid);
    this.#state.setPod(info);
    // Most changes are of status and nobody waits: then nothing need be worked out.
    if (this.#sinks.queue.counts.unschedulable === 0) return;
    if (wasPlaced && old) this.#event({ kind: 'pod-updated', pod: info, old: podInfo(old) });
    else this.#event({ kind: 'pod-added', pod: info });
  }

  #waiting(pod: Pod, old: Pod | undefined): void {
    const info = podInfo(pod);
    if (this.#state.isAssumed(info.uid)) return;
    if (pod.metadata.deletionTimestamp !== undefined) {
      this.#sinks.queue.remove(info.key);
      this.#sinks.nominator.delete(info.uid);
      return;
    }
    if ((pod.spec.schedulingGates ?? []).length > 0) this.#sinks.onGated(pod);
    this.#sinks.nominator.set(info, pod.status?.nominatedNodeName ?? '');
    // A pod of the same name made again is another pod.
    const sameUid = old?.metadata.uid === pod.metadata.uid;
    this.#sinks.queue.update(info, sameUid && !isSchedulingChange(pod, old) ? 'same' : 'changed');
  }
}

function applyNode(change: Change<Node>, state: ClusterState, event: (event: ClusterEvent) => void): void {
  const { object: node, old } = change;
  if (change.type === 'deleted') {
    state.removeNode(node.metadata.name ?? '');
    event({ kind: 'node-deleted', node });
    return;
  }
  state.setNode(node);
  event(old ? { kind: 'node-updated', node, old } : { kind: 'node-added', node });
}

/** Gives the selector of a workload that owns pods. */
function ownerSelectors(informers: InformerFactory): (namespace: string, owner: OwnerReference) => LabelSelector | undefined {
  const replicaSets = informers.informer(REPLICA_SETS).lister;
  const statefulSets = informers.informer(STATEFUL_SETS).lister;
  const controllers = informers.informer(REPLICATION_CONTROLLERS).lister;
  return (namespace, owner) => {
    const key = `${namespace}/${owner.name}`;
    if (owner.kind === 'ReplicaSet') return replicaSets.get(key)?.spec?.selector;
    if (owner.kind === 'StatefulSet') return statefulSets.get(key)?.spec?.selector;
    const matchLabels = owner.kind === 'ReplicationController' ? controllers.get(key)?.spec?.selector : undefined;
    return matchLabels && { matchLabels };
  };
}

function clusterState(informers: InformerFactory): ClusterState {
  const claims = informers.informer(PERSISTENT_VOLUME_CLAIMS).lister;
  const volumes = informers.informer(PERSISTENT_VOLUMES).lister;
  const classes = informers.informer(STORAGE_CLASSES).lister;
  const namespaces = informers.informer(NAMESPACES).lister;
  const services = informers.informer(SERVICES).lister;
  const ownerSelector = ownerSelectors(informers);
  return new ClusterState({
    volumes: {
      claim: (key) => claims.get(key),
      volume: (name) => volumes.get(name),
      volumes: () => volumes.list(),
      storageClass: (name) => classes.get(name),
    },
    namespaceLabels: (namespace) => namespaces.get(namespace)?.metadata.labels,
    defaultSelector: (pod) => defaultSelector(pod, services.list(pod.namespace), ownerSelector),
  });
}

/** Subscribes to everything the scheduler looks at. */
export function watchInputs(informers: InformerFactory, sinks: InputSinks): SchedulerInputs {
  const state = clusterState(informers);
  const event = (e: ClusterEvent): void => sinks.queue.onEvent(e);
  const podInput = new PodInput(state, sinks, event);
  const pods = informers.informer(PODS);
  const nodes = informers.informer(NODES);
  const namespaces = informers.informer(NAMESPACES);
  const storage = [
    informers.informer(PERSISTENT_VOLUME_CLAIMS),
    informers.informer(PERSISTENT_VOLUMES),
    informers.informer(STORAGE_CLASSES),
  ];
  const budgets = informers.informer(POD_DISRUPTION_BUDGETS);
  const selectors = [
    informers.informer(SERVICES),
    informers.informer(REPLICA_SETS),
    informers.informer(STATEFUL_SETS),
    informers.informer(REPLICATION_CONTROLLERS),
  ];
  const unsubscribes = [
    nodes.onChange((change) => applyNode(change, state, event)),
    pods.onChange((change) => podInput.apply(change)),
    namespaces.onChange(() => event({ kind: 'namespace-changed' })),
    ...storage.map((informer) => informer.onChange(() => event({ kind: 'storage-changed' }))),
  ];
  return {
    state,
    pods: pods.lister,
    budgets: () => budgets.lister.list().flatMap((pdb) => disruptionBudget(pdb) ?? []),
    synced: (signal) => Promise.all([pods, nodes, namespaces, ...storage, budgets, ...selectors].map((i) => i.synced(signal))),
    unsubscribe: () => {
      for (const unsubscribe of unsubscribes) unsubscribe();
    },
  };
}

/** The pod of that key as it is now, if it is still the one that was queued and still waits. */
export function stillWaiting(pods: Lister<Pod>, info: PodInfo): Pod | undefined {
  const pod = pods.get(keyOf(info.pod));
  return pod?.metadata.uid === info.uid && !pod.spec.nodeName ? pod : undefined;
}
