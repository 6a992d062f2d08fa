// The StatefulSet controller: pods with names, an order and claims of their own.

import { type LabelMatcher, labelSelectorMatcher } from '../../api/labels.ts';
import { type KubeObject, keyOf } from '../../api/object.ts';
import type { ControllerRevision } from '../../api/types/apps-v1.gen.ts';
import type { Component } from '../../base/component.ts';
import { ControllerLoop, noKeys, source } from '../../client/controller-loop.ts';
import type { Change, Lister } from '../../client/informer.ts';
import type { ReconcileResult } from '../../client/reconciler.ts';
import { CONTROLLER_REVISIONS, PERSISTENT_VOLUME_CLAIMS, PODS, STATEFUL_SETS } from '../../client/resources.ts';
import type { ControllerDeps } from './controller.ts';
import { ControllerExpectations } from './controller-expectations.ts';
import { type HistoryKind, planRevision, revisionsToPrune, templateOfRevision } from './controller-history.ts';
import { ControllerHistoryWriter } from './controller-history-writer.ts';
import { byControllerUid, claimObjects, controllerKeys, controllerOf } from './controller-ref.ts';
import { ReplacementBackoff } from './replacement-backoff.ts';
import { msUntilAvailable } from './replica-set-pods.ts';
import {
  type ClaimObject,
  ordinalOf,
  type PodObject,
  REVISION_HASH,
  REVISION_LABEL,
  type SetObject,
  type SetRevision,
} from './stateful-set-identity.ts';
import { planStatefulSet, type StatefulSetView, type StatefulStep, sameStatus, statefulSetStatus } from './stateful-set-plan.ts';
import { StatefulPods } from './stateful-set-pods.ts';

type RevisionObject = ControllerRevision & KubeObject;

const HISTORY: HistoryKind<SetObject> = { resource: STATEFUL_SETS, hashLabel: REVISION_HASH };
/** Until a pod is tried again whose older claim must go first. */
const AGAIN_MS = 1_000;

/** Longest wait before a pod that ended is replaced. Upstream does not wait; a place that is taken on the node would then cost a write each moment. */
const LONGEST_REPLACE_MS = 30_000;

interface Listers {
  readonly sets: Lister<SetObject>;
  readonly pods: Lister<PodObject>;
  readonly revisions: Lister<RevisionObject>;
  readonly claims: Lister<ClaimObject>;
}

/** Pods without a controller, by namespace. */
const orphanIndex = {
  statefulCandidates: (pod: PodObject): readonly string[] => (controllerOf(pod) ? [] : [pod.metadata.namespace ?? '']),
};

/** Runs StatefulSets. */
export function statefulSetController(deps: ControllerDeps): Component {
  const setup = () => {
    const sets = deps.informers.informer(STATEFUL_SETS);
    const pods = deps.informers.informer(PODS, { indexers: { ...byControllerUid, ...orphanIndex } });
    const revisions = deps.informers.informer(CONTROLLER_REVISIONS, { indexers: byControllerUid });
    const claims = deps.informers.informer(PERSISTENT_VOLUME_CLAIMS);
    const listers = { sets: sets.lister, pods: pods.lister, revisions: revisions.lister, claims: claims.lister };
    const reconciler = new StatefulSetReconciler(deps, listers);
    const sources = [
      source(sets),
      source(pods, (change) => reconciler.podKeys(change)),
      source(revisions, ({ object }) => reconciler.ownerKeys(object)),
      source(claims, noKeys),
    ];
    return { sources, reconcile: (key: string, signal: AbortSignal) => reconciler.reconcile(key, signal) };
  };
  return new ControllerLoop({ name: 'statefulset', setup }, deps);
}

class StatefulSetReconciler {
  readonly #deps: ControllerDeps;
  readonly #listers: Listers;
  readonly #history: ControllerHistoryWriter<SetObject>;
  readonly #writer: StatefulPods;
  readonly #expectations: ControllerExpectations;
  readonly #replacements = new ReplacementBackoff(LONGEST_REPLACE_MS);

  constructor(deps: ControllerDeps, listers: Listers) {
    this.#deps = deps;
    this.#listers = listers;
    this.#expectations = new ControllerExpectations(deps.clock);
    this.#history = new ControllerHistoryWriter(deps.client, STATEFUL_SETS);
    this.#writer = new StatefulPods({ client: deps.client, recorder: deps.recorder('statefulset-controller'), claims: listers.claims });
  }

  /** The set that owns an object. */
  ownerKeys(object: KubeObject): string[] {
    return controllerKeys(object, 'StatefulSet', this.#listers.sets);
  }

  /** The sets that a change of a pod concerns; also ticks off what was expected. */
  podKeys(change: Change<PodObject>): string[] {
    const { object, old } = change;
    const keys = this.ownerKeys(object);
    this.#expectations.observe(keys, change);
    const before = old ? this.ownerKeys(old) : [];
    if (controllerOf(object)) return [...keys, ...before];
    const selecting = this.#listers.sets
      .list(object.metadata.namespace)
      .filter((set) => ordinalOf(set, object) !== undefined && selectorOf(set).matches(object.metadata.labels ?? {}));
    return [...selecting.map(keyOf), ...before];
  }

  async reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const set = this.#listers.sets.get(key);
    if (!set) {
      this.#expectations.forget(key);
      this.#replacements.forget(key);
      return undefined;
    }
    const mayAct = this.#expectations.satisfied(key);
    const { current, update } = await this.#revisions(set, signal);
    const pods = await this.#claimPods(set, signal);
    const view: StatefulSetView = { set, pods, current, update, nowMs: this.#deps.clock.now() };
    const status = statefulSetStatus(view);
    if (!sameStatus(set.status, status)) {
      await this.#deps.client.update(STATEFUL_SETS, { ...set, status }, { subresource: 'status', signal });
    }
    if (!set.metadata.deletionTimestamp) await this.#writer.retainClaims(set, pods, signal);
    const { steps, waits } = this.#pace(key, mayAct ? planStatefulSet(view) : [], view.nowMs);
    const outcome = await this.#carryOut(set, steps, signal);
    await this.#prune(view, signal);
    const minReady = set.spec.minReadySeconds ?? 0;
    waits.push(...pods.flatMap((pod) => msUntilAvailable(pod, minReady, view.nowMs) || []));
    if (outcome === 'again') waits.push(AGAIN_MS);
    return waits.length > 0 ? { requeueAfterMs: Math.min(...waits) } : undefined;
  }

  /** The steps that are due, without replacements of pods that ended again and again; and when those are. */
  #pace(key: string, steps: readonly StatefulStep[], nowMs: number): { steps: StatefulStep[]; waits: number[] } {
    const waits: number[] = [];
    const due = steps.filter((step) => {
      if (step.type !== 'delete' || step.why === undefined) return true;
      const left = this.#replacements.take(key, step.pod.metadata.name ?? '', nowMs);
      if (left > 0) waits.push(left);
      return left === 0;
    });
    return { steps: due, waits };
  }

  /** Names are known beforehand, so nothing is made twice; but on an old picture steps would be taken, and reported, again. */
  async #carryOut(set: SetObject, steps: readonly StatefulStep[], signal: AbortSignal): Promise<'done' | 'again'> {
    if (steps.length === 0) return 'done';
    const key = keyOf(set);
    const deletions = steps.flatMap((step) => (step.type === 'delete' ? [step.pod.metadata.uid ?? ''] : []));
    this.#expectations.expect(key, { creations: steps.filter((step) => step.type === 'create').length, deletions });
    let outcome: 'done' | 'again' = 'again';
    try {
      outcome = await this.#writer.carryOut(set, steps, signal);
    } finally {
      if (outcome === 'again') this.#expectations.forget(key);
    }
    return outcome;
  }

  /** The revision of the template, recorded; and the one that pods had before it, which is the same when nothing rolls out. */
  async #revisions(set: SetObject, signal: AbortSignal): Promise<{ current: SetRevision; update: SetRevision }> {
    const revisions = await this.#history.claim(set, this.#listers.revisions, signal);
    const plan = planRevision(HISTORY, set, revisions);
    const isGoing = set.metadata.deletionTimestamp !== undefined;
    const written = isGoing ? plan.revision : await this.#history.write(set, plan, signal);
    const update = { name: written.metadata.name ?? '', template: set.spec.template };
    const before = revisions.find(({ metadata }) => metadata.name === set.status?.currentRevision);
    const template = before && templateOfRevision(before);
    return { update, current: template ? { name: before.metadata.name ?? '', template } : update };
  }

  #claimPods(set: SetObject, signal: AbortSignal): Promise<PodObject[]> {
    const { namespace = '', uid = '' } = set.metadata;
    const owned = this.#listers.pods.byIndex('controllerUid', uid);
    const orphans = this.#listers.pods.byIndex('statefulCandidates', namespace).filter((pod) => ordinalOf(set, pod) !== undefined);
    const claim = {
      owner: set,
      ownerResource: STATEFUL_SETS,
      selector: selectorOf(set),
      resource: PODS,
      objects: [...owned, ...orphans],
    };
    return claimObjects(this.#deps.client, claim, signal);
  }

  async #prune({ set, pods, current, update }: StatefulSetView, signal: AbortSignal): Promise<void> {
    const inUse = new Set([current.name, update.name, ...pods.map((pod) => pod.metadata.labels?.[REVISION_LABEL] ?? '')]);
    const revisions = this.#listers.revisions.byIndex('controllerUid', set.metadata.uid ?? '');
    const old = revisionsToPrune(set, revisions, ({ metadata }) => inUse.has(metadata.name ?? ''));
    await this.#history.delete(old, signal);
  }
}

const selectorOf = (set: SetObject): LabelMatcher => labelSelectorMatcher(set.spec.selector);
