// The taint eviction controller: deletes pods from nodes whose NoExecute taints they do not tolerate (any longer).

import { keyOf, nameOf } from '../../api/object.ts';
import { hasReason } from '../../api/status-error.ts';
import type { Node, Pod } from '../../api/types/core-v1.gen.ts';
import { rfc3339 } from '../../base/clock.ts';
import type { Component } from '../../base/component.ts';
import { ControllerLoop, source } from '../../client/controller-loop.ts';
import type { Change, Lister } from '../../client/informer.ts';
import type { ReconcileResult } from '../../client/reconciler.ts';
import type { EventRecorder } from '../../client/recorder.ts';
import { NODES, PODS } from '../../client/resources.ts';
import type { ControllerDeps } from './controller.ts';
import { byNodeName } from './node-lifecycle.ts';
import { toleratedMs } from './taint-eviction-plan.ts';

/** A pod that is to go. */
interface Pending {
  readonly uid: string;
  /** Monotonic time since when the taints are there. */
  readonly sinceMs: number;
}

class TaintEviction {
  readonly #deps: ControllerDeps;
  readonly #recorder: EventRecorder;
  readonly #nodes: Lister<Node>;
  readonly #pods: Lister<Pod>;
  /** By pod key; as many as pods on tainted nodes. */
  readonly #pending = new Map<string, Pending>();

  constructor(deps: ControllerDeps, nodes: Lister<Node>, pods: Lister<Pod>) {
    this.#deps = deps;
    this.#recorder = deps.recorder('taint-eviction-controller');
    this.#nodes = nodes;
    this.#pods = pods;
  }

  /** The pods of a node whose NoExecute taints changed. */
  nodeKeys({ object, old }: Change<Node>): string[] {
    const hard = (node: Node | undefined): string =>
      JSON.stringify((node?.spec?.taints ?? []).filter((taint) => taint.effect === 'NoExecute').map(({ key, value }) => [key, value]));
    if (hard(object) === hard(old)) return [];
    return this.#pods.byIndex('nodeName', keyOf(object)).map(keyOf);
  }

  async reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const pod = this.#pods.get(key);
    const pending = this.#pending.get(key);
    if (!pod || pod.metadata.deletionTimestamp || !pod.spec.nodeName) {
      this.#pending.delete(key);
      return undefined;
    }
    const allowed = toleratedMs(pod, this.#nodes.get(pod.spec.nodeName)?.spec?.taints ?? []);
    if (allowed === undefined) {
      if (this.#pending.delete(key)) this.#recorder.event(pod, 'Normal', 'TaintManagerEviction', `Cancelling deletion of Pod ${key}`);
      return undefined;
    }
    const now = this.#deps.clock.monotonic();
    const { uid = '' } = pod.metadata;
    const sinceMs = pending?.uid === uid ? pending.sinceMs : now;
    if (now - sinceMs >= allowed) {
      await this.#evict(pod, signal);
      this.#pending.delete(key);
      return undefined;
    }
    this.#pending.set(key, { uid, sinceMs });
    return { requeueAfterMs: allowed - (now - sinceMs) };
  }

  async #evict(pod: Pod, signal: AbortSignal): Promise<void> {
    const key = keyOf(pod);
    this.#recorder.event(pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${key}`);
    const target = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'DeletionByTaintManager',
      message: 'Taint manager: deleting due to NoExecute taint',
      lastTransitionTime: rfc3339(this.#deps.clock.now()),
    };
    const conditions = [...(pod.status?.conditions ?? []).filter((c) => c.type !== 'DisruptionTarget'), target];
    const body = { metadata: { resourceVersion: pod.metadata.resourceVersion }, status: { conditions } };
    try {
      await this.#deps.client.patch(PODS, nameOf(key), { type: 'merge', body }, { subresource: 'status', signal });
      await this.#deps.client.delete(PODS, nameOf(key), { preconditions: { uid: pod.metadata.uid ?? '' }, signal });
    } catch (error) {
      // It went by itself: what was wanted.
      if (!hasReason(error, 'NotFound')) throw error;
    }
  }
}

/** Evicts pods from tainted nodes. */
export function taintEvictionController(deps: ControllerDeps): Component {
  return new ControllerLoop(
    {
      name: 'taint-eviction',
      setup: () => {
        const nodes = deps.informers.informer(NODES);
        const pods = deps.informers.informer(PODS, { indexers: byNodeName });
        const eviction = new TaintEviction(deps, nodes.lister, pods.lister);
        const podKeys = ({ type, object, old }: Change<Pod>): string[] =>
          type !== 'modified' || object.spec !== old?.spec || object.metadata.deletionTimestamp ? [keyOf(object)] : [];
        return {
          sources: [source(nodes, (change) => eviction.nodeKeys(change)), source(pods, podKeys)],
          reconcile: (key, signal) => eviction.reconcile(key, signal),
        };
      },
    },
    deps,
  );
}
