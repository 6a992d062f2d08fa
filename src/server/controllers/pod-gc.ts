// The pod garbage collector: looks every 20 s for pods of nodes that are gone, pods that will never get to a node, and too many
// finished pods, and deletes them for good.

import { keyOf, nameOf } from '../../api/object.ts';
import { hasReason, isNotFound } from '../../api/status-error.ts';
import type { Node, Pod } from '../../api/types/core-v1.gen.ts';
import { rfc3339 } from '../../base/clock.ts';
import type { Component } from '../../base/component.ts';
import { ControllerLoop, noKeys, source } from '../../client/controller-loop.ts';
import type { Lister } from '../../client/informer.ts';
import type { ReconcileResult } from '../../client/reconciler.ts';
import { NODES, PODS } from '../../client/resources.ts';
import type { ControllerDeps } from './controller.ts';
import { type GarbagePod, MISSING_NODE_QUARANTINE_MS, planPodGarbage, TERMINATED_POD_THRESHOLD } from './pod-gc-plan.ts';
import { isPodFinished } from './replica-set-pods.ts';

/** Between two looks. */
const PERIOD_MS = 20_000;

class PodGarbageCollector {
  readonly #deps: ControllerDeps;
  readonly #nodes: Lister<Node>;
  readonly #pods: Lister<Pod>;
  /** Since when nodes that pods name are missing, monotonic. */
  readonly #missingSince = new Map<string, number>();

  constructor(deps: ControllerDeps, nodes: Lister<Node>, pods: Lister<Pod>) {
    this.#deps = deps;
    this.#nodes = nodes;
    this.#pods = pods;
  }

  async collect(signal: AbortSignal): Promise<ReconcileResult> {
    const pods = this.#pods.list();
    const gone = await this.#goneNodes(pods, signal);
    const view = { pods, node: (name: string) => this.#nodes.get(name), isGone: (name: string) => gone.has(name) };
    for (const garbage of planPodGarbage({ ...view, threshold: TERMINATED_POD_THRESHOLD })) await this.#remove(garbage, signal);
    return { requeueAfterMs: PERIOD_MS };
  }

  /** Nodes that pods name and that have been missing for the quarantine; each is asked for at the API once more. */
  async #goneNodes(pods: readonly Pod[], signal: AbortSignal): Promise<ReadonlySet<string>> {
    const named = new Set(pods.flatMap((pod) => pod.spec.nodeName || []));
    const missing = [...named].filter((name) => this.#nodes.get(name) === undefined);
    for (const name of this.#missingSince.keys()) if (!missing.includes(name)) this.#missingSince.delete(name);
    const now = this.#deps.clock.monotonic();
    const gone = new Set<string>();
    for (const name of missing) {
      const since = this.#missingSince.get(name) ?? now;
      this.#missingSince.set(name, since);
      if (now - since >= MISSING_NODE_QUARANTINE_MS && !(await this.#exists(name, signal))) gone.add(name);
    }
    return gone;
  }

  async #exists(name: string, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#deps.client.get(NODES, { namespace: '', name }, { signal });
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  async #remove({ pod, message }: GarbagePod, signal: AbortSignal): Promise<void> {
    try {
      if (message !== undefined && !isPodFinished(pod)) await this.#markFailed(pod, message, signal);
      const preconditions = { uid: pod.metadata.uid ?? '' };
      await this.#deps.client.delete(PODS, nameOf(keyOf(pod)), { gracePeriodSeconds: 0, preconditions, signal });
      this.#deps.log.info('garbage pod deleted', { pod: keyOf(pod), why: message ?? 'finished' });
    } catch (error) {
      // It went by itself, or changed: the next look will tell.
      if (!hasReason(error, 'NotFound', 'Conflict')) throw error;
    }
  }

  /** Says how the pod ended, so that a Job counts it. */
  async #markFailed(pod: Pod, message: string, signal: AbortSignal): Promise<void> {
    const target = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'DeletionByPodGC',
      message,
      lastTransitionTime: rfc3339(this.#deps.clock.now()),
    };
    const conditions = [...(pod.status?.conditions ?? []).filter((c) => c.type !== 'DisruptionTarget'), target];
    const body = { metadata: { resourceVersion: pod.metadata.resourceVersion }, status: { phase: 'Failed', conditions } };
    await this.#deps.client.patch(PODS, nameOf(keyOf(pod)), { type: 'merge', body }, { subresource: 'status', signal });
  }
}

/** Collects garbage pods. */
export function podGcController(deps: ControllerDeps): Component {
  return new ControllerLoop(
    {
      name: 'pod-gc',
      workers: 1,
      setup: (queue) => {
        const nodes = deps.informers.informer(NODES);
        const pods = deps.informers.informer(PODS);
        const collector = new PodGarbageCollector(deps, nodes.lister, pods.lister);
        return {
          sources: [source(nodes, noKeys), source(pods, noKeys)],
          onSynced: () => queue.add('collect'),
          reconcile: (_key, signal) => collector.collect(signal),
        };
      },
    },
    deps,
  );
}
