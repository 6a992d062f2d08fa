// The node lifecycle controller: looks at every node every 5 s, says when it is silent, taints it by its conditions, and tells
// the pods of a lost node that they are not ready. Eviction itself is taint-eviction.ts's.

import { keyOf, nameOf } from '../../api/object.ts';
import { hasReason } from '../../api/status-error.ts';
import type { Lease } from '../../api/types/coordination-v1.gen.ts';
import type { Node, Pod } from '../../api/types/core-v1.gen.ts';
import { rfc3339 } from '../../base/clock.ts';
import type { Component } from '../../base/component.ts';
import { ControllerLoop, noKeys, source } from '../../client/controller-loop.ts';
import type { Change, Lister } from '../../client/informer.ts';
import type { ReconcileResult } from '../../client/reconciler.ts';
import type { EventRecorder } from '../../client/recorder.ts';
import { LEASES, NODES, PODS } from '../../client/resources.ts';
import type { ControllerDeps } from './controller.ts';
import {
  type Eviction,
  evictionRate,
  evictionTaintKey,
  hasEvictionTaint,
  MONITOR_PERIOD_MS,
  type NodeObservation,
  nodeCondition,
  observe,
  plannedTaints,
  silentConditions,
  zoneOf,
  zoneState,
} from './node-lifecycle-plan.ts';
import { podCondition } from './replica-set-pods.ts';

/** Where kubelets renew their leases. */
const LEASE_NAMESPACE = 'kube-node-lease';

/** Index of pods by their node. */
export const byNodeName = {
  nodeName: (pod: Pod): readonly string[] => (pod.spec.nodeName ? [pod.spec.nodeName] : []),
};

class NodeLifecycle {
  readonly #deps: ControllerDeps;
  readonly #recorder: EventRecorder;
  readonly #nodes: Lister<Node>;
  readonly #leases: Lister<Lease>;
  readonly #pods: Lister<Pod>;
  readonly #observations = new Map<string, NodeObservation>();
  /** Nodes whose pods are still to be told. */
  readonly #podsToTell = new Set<string>();
  /** When the last node of a zone was tainted for eviction, monotonic. */
  readonly #lastEviction = new Map<string, number>();

  constructor(deps: ControllerDeps, listers: { nodes: Lister<Node>; leases: Lister<Lease>; pods: Lister<Pod> }) {
    this.#deps = deps;
    this.#recorder = deps.recorder('node-controller');
    this.#nodes = listers.nodes;
    this.#leases = listers.leases;
    this.#pods = listers.pods;
  }

  nodeKeys({ type, object }: Change<Node>): string[] {
    const name = keyOf(object);
    if (type === 'added')
      this.#recorder.event(object, 'Normal', 'RegisteredNode', `Node ${name} event: Registered Node ${name} in Controller`);
    if (type === 'deleted') {
      this.#recorder.event(object, 'Normal', 'RemovingNode', `Node ${name} event: Removing Node ${name} from Controller`);
    }
    return [name];
  }

  async reconcile(name: string, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const node = this.#nodes.get(name);
    if (!node) {
      this.#observations.delete(name);
      this.#podsToTell.delete(name);
      return undefined;
    }
    const checked = await this.#checkHealth(node, signal);
    await this.#taint(checked, signal);
    if (this.#podsToTell.has(name)) await this.#tellPods(name, signal);
    return { requeueAfterMs: MONITOR_PERIOD_MS };
  }

  async #checkHealth(node: Node, signal: AbortSignal): Promise<Node> {
    const name = keyOf(node);
    const before = this.#observations.get(name);
    const nowMs = this.#deps.clock.monotonic();
    const leaseRenewTime = this.#leases.get(`${LEASE_NAMESPACE}/${name}`)?.spec?.renewTime;
    const observation = observe(before, node, { leaseRenewTime, nowMs });
    this.#observations.set(name, observation);
    const conditions = silentConditions(node, observation, { nowMs, now: rfc3339(this.#deps.clock.now()) });
    const present = conditions ? await this.#writeConditions(node, conditions, signal) : node;
    const ready = nodeCondition(present, 'Ready')?.status;
    this.#observations.set(name, { ...observation, ready });
    if (ready === 'True') this.#podsToTell.delete(name);
    else if (before?.ready === 'True' || (before === undefined && conditions)) {
      this.#recorder.event(present, 'Normal', 'NodeNotReady', `Node ${name} status is now: NodeNotReady`);
      this.#podsToTell.add(name);
    }
    return present;
  }

  #writeConditions(node: Node, conditions: NonNullable<Node['status']>['conditions'] & object, signal: AbortSignal): Promise<Node> {
    return this.#deps.client.update(NODES, { ...node, status: { ...node.status, conditions } }, { subresource: 'status', signal });
  }

  async #taint(node: Node, signal: AbortSignal): Promise<void> {
    const eviction = this.#eviction(node);
    const taints = plannedTaints(node, eviction, rfc3339(this.#deps.clock.now()));
    if (!taints) return;
    const { name = '', resourceVersion } = node.metadata;
    const body = { metadata: { resourceVersion }, spec: { taints: taints.length > 0 ? taints : null } };
    const written = await this.#deps.client.patch(NODES, { namespace: '', name }, { type: 'merge', body }, { signal });
    if (eviction === 'allowed' && !hasEvictionTaint(node) && hasEvictionTaint(written)) {
      this.#lastEviction.set(zoneOf(node), this.#deps.clock.monotonic());
    }
  }

  /** Nodes of a zone get their NoExecute taint one after the other; none when all the world seems lost. */
  #eviction(node: Node): Eviction {
    if (evictionTaintKey(node) === undefined) return 'cancelled';
    const zones = Map.groupBy(this.#nodes.list(), zoneOf);
    const stateOf = (nodes: readonly Node[]) => {
      const ready = nodes.filter((n) => nodeCondition(n, 'Ready')?.status === 'True').length;
      return zoneState(ready, nodes.length - ready);
    };
    const states = new Map([...zones].map(([zone, nodes]) => [zone, stateOf(nodes)]));
    const allZonesFull = [...states.values()].every((state) => state === 'full');
    if (allZonesFull) return 'cancelled';
    const zone = zoneOf(node);
    const rate = evictionRate(states.get(zone) ?? 'normal', { nodes: zones.get(zone)?.length ?? 1, allZonesFull });
    const last = this.#lastEviction.get(zone);
    if (rate === 0) return 'keep';
    return last === undefined || this.#deps.clock.monotonic() - last >= 1000 / rate ? 'allowed' : 'keep';
  }

  /** Sets Ready of the node's pods to False: Services stop sending to them. */
  async #tellPods(name: string, signal: AbortSignal): Promise<void> {
    for (const pod of this.#pods.byIndex('nodeName', name)) {
      const ready = podCondition(pod, 'Ready');
      if (ready?.status !== 'True') continue;
      const lastTransitionTime = rfc3339(this.#deps.clock.now());
      const conditions = (pod.status?.conditions ?? []).map((c) => (c === ready ? { ...c, status: 'False', lastTransitionTime } : c));
      const body = { metadata: { resourceVersion: pod.metadata.resourceVersion }, status: { conditions } };
      this.#recorder.event(pod, 'Warning', 'NodeNotReady', 'Node is not ready');
      try {
        await this.#deps.client.patch(PODS, nameOf(keyOf(pod)), { type: 'merge', body }, { subresource: 'status', signal });
      } catch (error) {
        if (!hasReason(error, 'NotFound')) throw error;
      }
    }
    this.#podsToTell.delete(name);
  }
}

/** Watches over nodes. */
export function nodeLifecycleController(deps: ControllerDeps): Component {
  return new ControllerLoop(
    {
      name: 'node-lifecycle',
      setup: () => {
        const nodes = deps.informers.informer(NODES);
        const leases = deps.informers.informer(LEASES, { namespace: LEASE_NAMESPACE });
        const pods = deps.informers.informer(PODS, { indexers: byNodeName });
        const lifecycle = new NodeLifecycle(deps, { nodes: nodes.lister, leases: leases.lister, pods: pods.lister });
        return {
          sources: [source(nodes, (change) => lifecycle.nodeKeys(change)), source(leases, noKeys), source(pods, noKeys)],
          reconcile: (key, signal) => lifecycle.reconcile(key, signal),
        };
      },
    },
    deps,
  );
}
