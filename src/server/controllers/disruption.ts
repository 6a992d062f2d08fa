// The disruption controller: says in each PodDisruptionBudget's status how many of its pods may go now. The eviction sub-resource
// counts it down; without this nobody may go.

import { labelSelectorMatcher } from '../../api/labels.ts';
import { type KubeObject, keyOf } from '../../api/object.ts';
import { isNotFound } from '../../api/status-error.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../api/types/policy-v1.gen.ts';
import type { Component } from '../../base/component.ts';
import { ControllerLoop, noKeys, source } from '../../client/controller-loop.ts';
import type { Change, Lister } from '../../client/informer.ts';
import type { ReconcileResult } from '../../client/reconciler.ts';
import { DEPLOYMENTS, POD_DISRUPTION_BUDGETS, PODS, REPLICA_SETS, REPLICATION_CONTROLLERS, STATEFUL_SETS } from '../../client/resources.ts';
import type { ControllerDeps } from './controller.ts';
import { controllerOf } from './controller-ref.ts';
import { type ExpectedScale, failedBudget, needsScale, planBudget, sameStatus } from './disruption-plan.ts';

/** Until a pod's workload is looked for again; it may only not have been shown yet. */
const LOOK_AGAIN_MS = 5_000;

type BudgetObject = PodDisruptionBudget & KubeObject;
type PodObject = Pod & KubeObject;
type Scaled = KubeObject & { readonly spec?: { readonly replicas?: number } };

/** Where the numbers of replicas are, by kind. */
type Scales = Readonly<Record<string, Pick<Lister<Scaled>, 'get'>>>;

/** Keeps the status of disruption budgets. */
export function disruptionController(deps: ControllerDeps): Component {
  const setup = () => {
    const budgets = deps.informers.informer(POD_DISRUPTION_BUDGETS);
    const pods = deps.informers.informer(PODS);
    const owners = [DEPLOYMENTS, REPLICA_SETS, STATEFUL_SETS, REPLICATION_CONTROLLERS].map((resource) => ({
      kind: resource.kind,
      informer: deps.informers.informer<Scaled>(resource),
    }));
    const scales = Object.fromEntries(owners.map(({ kind, informer }) => [kind, informer.lister]));
    const reconciler = new DisruptionReconciler(deps, { budgets: budgets.lister, pods: pods.lister, scales });
    const sources = [
      source(budgets),
      source(pods, (change) => reconciler.podKeys(change)),
      ...owners.map(({ informer }) => source(informer, noKeys)),
    ];
    return { sources, reconcile: (key: string, signal: AbortSignal) => reconciler.reconcile(key, signal) };
  };
  return new ControllerLoop({ name: 'disruption', workers: 2, setup }, deps);
}

class DisruptionReconciler {
  readonly #deps: ControllerDeps;
  readonly #budgets: Lister<BudgetObject>;
  readonly #pods: Lister<PodObject>;
  readonly #scales: Scales;
  readonly #recorder: ReturnType<ControllerDeps['recorder']>;

  constructor(deps: ControllerDeps, listers: { budgets: Lister<BudgetObject>; pods: Lister<PodObject>; scales: Scales }) {
    this.#deps = deps;
    this.#budgets = listers.budgets;
    this.#pods = listers.pods;
    this.#scales = listers.scales;
    this.#recorder = deps.recorder('controllermanager');
  }

  /** The budgets that select a pod, or did before the change. */
  podKeys({ object, old }: Change<PodObject>): string[] {
    const budgets = this.#budgets.list(object.metadata.namespace);
    const selects = ({ spec }: BudgetObject) => {
      const selector = labelSelectorMatcher(spec.selector);
      return selector.matches(object.metadata.labels ?? {}) || (old !== undefined && selector.matches(old.metadata.labels ?? {}));
    };
    return budgets.filter(selects).map(keyOf);
  }

  async reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const budget = this.#budgets.get(key);
    if (!budget) return undefined;
    const selector = labelSelectorMatcher(budget.spec.selector);
    const pods = this.#pods.list(budget.metadata.namespace).filter((pod) => selector.matches(pod.metadata.labels ?? {}));
    const nowMs = this.#deps.clock.now();
    const found = needsScale(budget) ? pods.map((pod) => this.#scaleOf(pod)) : [];
    const lost = found.find((scale) => typeof scale === 'string');
    if (typeof lost === 'string') {
      this.#recorder.event(budget, 'Warning', 'CalculateExpectedPodCountFailed', lost);
      await this.#write(budget, failedBudget(budget, lost, nowMs), signal);
      return { requeueAfterMs: LOOK_AGAIN_MS };
    }
    const scales = found.filter((scale): scale is ExpectedScale => typeof scale === 'object');
    if (pods.length === 0) this.#recorder.event(budget, 'Normal', 'NoPods', 'No matching pods found');
    else if (needsScale(budget)) this.#reportUnmanaged(budget, pods);
    const { status, waitMs, overdue } = planBudget({ budget, pods, scales, nowMs });
    for (const pod of pods.filter(({ metadata }) => overdue.includes(metadata.name ?? ''))) {
      this.#recorder.event(pod, 'Warning', 'NotDeleted', `Pod was expected by PDB ${key} to be deleted but it wasn't`);
    }
    await this.#write(budget, status, signal);
    return waitMs === undefined ? undefined : { requeueAfterMs: waitMs };
  }

  /** The workload of a pod, a Deployment rather than its ReplicaSet; `undefined` for a pod of nobody; text when it is not known. */
  #scaleOf(pod: PodObject): ExpectedScale | string | undefined {
    const { namespace = '', name = '' } = pod.metadata;
    const owner = controllerOf(pod);
    if (!owner) return undefined;
    const direct = this.#scales[owner.kind]?.get(`${namespace}/${owner.name}`);
    if (!direct || direct.metadata.uid !== owner.uid) return `found no controllers for pod "${name}"`;
    const above = controllerOf(direct);
    const deployment = above?.kind === 'Deployment' ? this.#scales['Deployment']?.get(`${namespace}/${above.name}`) : undefined;
    const workload = deployment && deployment.metadata.uid === above?.uid ? deployment : direct;
    return { uid: workload.metadata.uid ?? '', replicas: workload.spec?.replicas ?? 1 };
  }

  #reportUnmanaged(budget: BudgetObject, pods: readonly PodObject[]): void {
    const names = pods.filter((pod) => !controllerOf(pod)).map(({ metadata }) => metadata.name);
    if (names.length === 0) return;
    const message = `Pods selected by this PodDisruptionBudget have no controller and cannot be counted: ${names.slice(0, 10).join(', ')}. Set .spec.minAvailable to an integer to account for them`;
    this.#recorder.event(budget, 'Warning', 'UnmanagedPods', message);
  }

  async #write(budget: BudgetObject, status: PodDisruptionBudgetStatus, signal: AbortSignal): Promise<void> {
    if (sameStatus(budget.status, status)) return;
    try {
      await this.#deps.client.update(POD_DISRUPTION_BUDGETS, { ...budget, status }, { subresource: 'status', signal });
    } catch (error) {
      // It went with its namespace, before its pods did.
      if (!isNotFound(error)) throw error;
    }
  }
}
