// The DaemonSet controller: one pod of the template on each node where it belongs.

import { deepEqual } from '../../api/copy.ts';
import { labelSelectorMatcher } from '../../api/labels.ts';
import { type KubeObject, keyOf, nameOf } from '../../api/object.ts';
import { isNotFound } from '../../api/status-error.ts';
import type { ControllerRevision, DaemonSet } from '../../api/types/apps-v1.gen.ts';
import type { Node, Pod } from '../../api/types/core-v1.gen.ts';
import type { Component } from '../../base/component.ts';
import { messageOf } from '../../base/errors.ts';
import { ControllerLoop, source } from '../../client/controller-loop.ts';
import type { Change, Lister } from '../../client/informer.ts';
import type { ReconcileResult } from '../../client/reconciler.ts';
import { CONTROLLER_REVISIONS, DAEMON_SETS, NODES, PODS } from '../../client/resources.ts';
import type { ControllerDeps } from './controller.ts';
import { ControllerExpectations } from './controller-expectations.ts';
import { type HistoryKind, hashOf, planRevision, revisionsToPrune } from './controller-history.ts';
import { ControllerHistoryWriter } from './controller-history-writer.ts';
import { byControllerUid, claimObjects, controllerKeys, controllerOf } from './controller-ref.ts';
import { daemonPod, nodeNameOf, REVISION_HASH_LABEL } from './daemon-set-nodes.ts';
import { type DaemonSetPlan, type DaemonSetView, daemonSetStatus, planPlacement, planUpdate } from './daemon-set-plan.ts';
import { ReplacementBackoff } from './replacement-backoff.ts';
import { msUntilAvailable } from './replica-set-pods.ts';
import { isNamespaceGone } from './service-account.ts';

/** Pods made or deleted in one pass: upstream's BurstReplicas. */
const BURST = 250;
/** Longest wait before a finished pod of a node is replaced: upstream's figure. */
const LONGEST_REPLACE_MS = 15 * 60_000;

/** Revisions of DaemonSets and their pods bear the same label. */
const HISTORY: HistoryKind<SetObject> = { resource: DAEMON_SETS, hashLabel: REVISION_HASH_LABEL };

type PodObject = Pod & KubeObject;
type SetObject = DaemonSet & KubeObject;
type RevisionObject = ControllerRevision & KubeObject;

interface Listers {
  readonly sets: Lister<SetObject>;
  readonly pods: Lister<PodObject>;
  readonly nodes: Lister<Node & KubeObject>;
  readonly revisions: Lister<RevisionObject>;
}

/** Runs DaemonSets. */
export function daemonSetController(deps: ControllerDeps): Component {
  const setup = () => {
    const sets = deps.informers.informer(DAEMON_SETS);
    const pods = deps.informers.informer(PODS, { indexers: byControllerUid });
    const nodes = deps.informers.informer(NODES);
    const revisions = deps.informers.informer(CONTROLLER_REVISIONS, { indexers: byControllerUid });
    const listers = { sets: sets.lister, pods: pods.lister, nodes: nodes.lister, revisions: revisions.lister };
    const reconciler = new DaemonSetReconciler(deps, listers);
    const nodeKeys = (change: Change<Node & KubeObject>): string[] => (nodeMatters(change) ? sets.lister.list().map(keyOf) : []);
    const sources = [
      source(sets),
      source(pods, (change) => reconciler.podKeys(change)),
      source(nodes, nodeKeys),
      source(revisions, ({ object }) => reconciler.ownerKeys(object)),
    ];
    return { sources, reconcile: (key: string, signal: AbortSignal) => reconciler.reconcile(key, signal) };
  };
  return new ControllerLoop({ name: 'daemonset', workers: 2, setup }, deps);
}

/** Heartbeats and other status of a node do not decide about pods. */
function nodeMatters({ object, old }: Change<Node & KubeObject>): boolean {
  return !old || !deepEqual([object.metadata.labels, object.spec?.taints], [old.metadata.labels, old.spec?.taints]);
}

class DaemonSetReconciler {
  readonly #deps: ControllerDeps;
  readonly #listers: Listers;
  readonly #recorder: ReturnType<ControllerDeps['recorder']>;
  readonly #expectations: ControllerExpectations;
  readonly #history: ControllerHistoryWriter<SetObject>;
  readonly #replacements = new ReplacementBackoff(LONGEST_REPLACE_MS);

  constructor(deps: ControllerDeps, listers: Listers) {
    this.#deps = deps;
    this.#listers = listers;
    this.#recorder = deps.recorder('daemonset-controller');
    this.#history = new ControllerHistoryWriter(deps.client, DAEMON_SETS);
    this.#expectations = new ControllerExpectations(deps.clock);
  }

  /** The set that owns an object. */
  ownerKeys(object: KubeObject): string[] {
    return controllerKeys(object, 'DaemonSet', this.#listers.sets);
  }

  /** The sets that a change of a pod concerns; also ticks off what was expected. */
  podKeys(change: Change<PodObject>): string[] {
    const { object, old } = change;
    const keys = this.ownerKeys(object);
    this.#expectations.observe(keys, change);
    if (controllerOf(object)) return old ? [...keys, ...this.ownerKeys(old)] : keys;
    const labels = object.metadata.labels ?? {};
    const selecting = this.#listers.sets
      .list(object.metadata.namespace)
      .filter((s) => labelSelectorMatcher(s.spec?.selector).matches(labels));
    return [...selecting.map(keyOf), ...(old ? this.ownerKeys(old) : [])];
  }

  async reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const set = this.#listers.sets.get(key);
    if (!set) {
      this.#expectations.forget(key);
      this.#replacements.forget(key);
      return undefined;
    }
    const hash = await this.#revision(set, signal);
    const pods = await this.#claim(set, signal);
    const view: DaemonSetView = { set, nodes: this.#listers.nodes.list(), pods, hash, nowMs: this.#deps.clock.now() };
    const wait = set.metadata.deletionTimestamp || !this.#expectations.satisfied(key) ? undefined : await this.#manage(view, signal);
    await this.#prune(view, signal);
    const status = daemonSetStatus(view);
    if (!deepEqual(status, set.status)) await this.#deps.client.update(DAEMON_SETS, { ...set, status }, { subresource: 'status', signal });
    return soonest([wait, ...pods.map((pod) => msUntilAvailable(pod, set.spec?.minReadySeconds ?? 0, view.nowMs))]);
  }

  /** The hash of the current template, with its revision recorded. */
  async #revision(set: SetObject, signal: AbortSignal): Promise<string> {
    const plan = planRevision(HISTORY, set, await this.#history.claim(set, this.#listers.revisions, signal));
    if (plan.kind !== 'create' || !set.metadata.deletionTimestamp) await this.#history.write(set, plan, signal);
    return plan.hash;
  }

  #claim(set: SetObject, signal: AbortSignal): Promise<PodObject[]> {
    const { namespace, uid = '' } = set.metadata;
    const owned = this.#listers.pods.byIndex('controllerUid', uid);
    const orphans = this.#listers.pods.list(namespace).filter((pod) => !controllerOf(pod));
    const selector = labelSelectorMatcher(set.spec?.selector);
    const claim = { owner: set, ownerResource: DAEMON_SETS, selector, resource: PODS, objects: [...owned, ...orphans] };
    return claimObjects(this.#deps.client, claim, signal);
  }

  /** Carries out the placement, or when that is as it should be, the next step of an update. Resolves to when to look again. */
  async #manage(view: DaemonSetView, signal: AbortSignal): Promise<number | undefined> {
    const placement = planPlacement(view);
    const { due, wait } = this.#dueReplacements(view, placement.replace);
    const settled = placement.create.length + placement.delete.length + due.length === 0;
    const plan = settled ? planUpdate(view) : { ...placement, delete: [...placement.delete, ...due] };
    await this.#carryOut(view, plan, signal);
    return wait;
  }

  #dueReplacements({ set, nowMs }: DaemonSetView, pods: readonly PodObject[]): { due: PodObject[]; wait: number | undefined } {
    const due: PodObject[] = [];
    const waits: number[] = [];
    for (const pod of pods) {
      const node = nodeNameOf(pod) ?? '';
      const left = this.#replacements.take(keyOf(set), node, nowMs);
      if (left > 0) {
        waits.push(left);
        continue;
      }
      due.push(pod);
      this.#reportFinished(set, pod, node);
    }
    return { due, wait: waits.length > 0 ? Math.min(...waits) : undefined };
  }

  #reportFinished(set: SetObject, pod: PodObject, node: string): void {
    const failed = pod.status?.phase === 'Failed';
    const message = `Found ${failed ? 'failed' : 'succeeded'} daemon pod ${keyOf(pod)} on node ${node}, will try to ${failed ? 'kill' : 'delete'} it`;
    this.#recorder.event(set, failed ? 'Warning' : 'Normal', failed ? 'FailedDaemonPod' : 'SucceededDaemonPod', message);
  }

  async #carryOut(view: DaemonSetView, plan: DaemonSetPlan, signal: AbortSignal): Promise<void> {
    const key = keyOf(view.set);
    const doomed = plan.delete.slice(0, BURST);
    const names = plan.create.slice(0, BURST);
    if (doomed.length + names.length === 0) return;
    this.#expectations.expect(key, { creations: names.length, deletions: doomed.map((pod) => pod.metadata.uid ?? '') });
    const deletions = doomed.map((pod) => this.#deletePod(view.set, pod, signal));
    const creations = names.map((name) => this.#createPod(view, name, signal));
    const results = await Promise.allSettled([...deletions, ...creations]);
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  async #createPod({ set, hash }: DaemonSetView, node: string, signal: AbortSignal): Promise<void> {
    try {
      const created = await this.#deps.client.create(PODS, daemonPod(set, node, hash), { signal });
      this.#recorder.event(set, 'Normal', 'SuccessfulCreate', `Created pod: ${created.metadata.name}`);
    } catch (error) {
      this.#expectations.creationObserved(keyOf(set));
      // A namespace that goes takes no pods: nothing to retry.
      if (isNamespaceGone(error)) return;
      this.#recorder.event(set, 'Warning', 'FailedCreate', `Error creating: ${messageOf(error)}`);
      throw error;
    }
  }

  async #deletePod(set: SetObject, pod: PodObject, signal: AbortSignal): Promise<void> {
    const { uid = '' } = pod.metadata;
    try {
      await this.#deps.client.delete(PODS, nameOf(keyOf(pod)), { preconditions: { uid }, signal });
      this.#recorder.event(set, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`);
    } catch (error) {
      this.#expectations.deletionObserved(keyOf(set), uid);
      if (isNotFound(error)) return;
      this.#recorder.event(set, 'Warning', 'FailedDelete', `Error deleting: ${messageOf(error)}`);
      throw error;
    }
  }

  async #prune({ set, pods, hash }: DaemonSetView, signal: AbortSignal): Promise<void> {
    const inUse = new Set([hash, ...pods.map((pod) => pod.metadata.labels?.[REVISION_HASH_LABEL] ?? '')]);
    const revisions = this.#listers.revisions.byIndex('controllerUid', set.metadata.uid ?? '').filter((r) => hashOf(HISTORY, r) !== '');
    const old = revisionsToPrune(set, revisions, (r) => inUse.has(hashOf(HISTORY, r)));
    await this.#history.delete(old, signal);
  }
}

function soonest(waits: readonly (number | undefined)[]): ReconcileResult | undefined {
  const known = waits.flatMap((ms) => (ms !== undefined && ms > 0 ? [ms] : []));
  return known.length > 0 ? { requeueAfterMs: Math.min(...known) } : undefined;
}
