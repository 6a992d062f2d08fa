// The Deployment controller: makes a ReplicaSet for each revision of the template and moves replicas from old ones to the new.

import { labelSelectorMatcher } from '../../api/labels.ts';
import { keyOf } from '../../api/object.ts';
import type { Deployment, ReplicaSet } from '../../api/types/apps-v1.gen.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import type { Component } from '../../base/component.ts';
import { ControllerLoop, source } from '../../client/controller-loop.ts';
import type { Change, Lister } from '../../client/informer.ts';
import type { ReconcileResult } from '../../client/reconciler.ts';
import { DEPLOYMENTS, PODS, REPLICA_SETS } from '../../client/resources.ts';
import type { ControllerDeps } from './controller.ts';
import { byControllerUid, claimObjects, controllerKeys, controllerOf } from './controller-ref.ts';
import {
  allOf,
  isScalingEvent,
  newReplicas,
  planRollingUpdate,
  planScale,
  planScaleDownOld,
  type ReplicaSets,
  replicasOf,
} from './deployment-plan.ts';
import { findNewReplicaSet, replicaSetsToPrune } from './deployment-revision.ts';
import { baseStatus, deploymentCondition, hasDeadline, isComplete, PROGRESS, rolloutStatus } from './deployment-status.ts';
import { DeploymentWriter } from './deployment-writer.ts';
import { isPodFinished } from './replica-set-pods.ts';

/** The Deployments a ReplicaSet concerns: its controller, or for an orphan all that select it. */
function deploymentKeysOf(set: ReplicaSet, deployments: Lister<Deployment>): string[] {
  const { namespace = '' } = set.metadata;
  if (controllerOf(set)) return controllerKeys(set, 'Deployment', deployments);
  const labels = set.metadata.labels ?? {};
  return deployments
    .list(namespace)
    .filter((deployment) => labelSelectorMatcher(deployment.spec.selector).matches(labels))
    .map(keyOf);
}

class DeploymentReconciler {
  readonly #deps: ControllerDeps;
  readonly #writer: DeploymentWriter;
  readonly #deployments: Lister<Deployment>;
  readonly #sets: Lister<ReplicaSet>;
  readonly #pods: Lister<Pod>;

  constructor(deps: ControllerDeps, listers: { deployments: Lister<Deployment>; sets: Lister<ReplicaSet>; pods: Lister<Pod> }) {
    this.#deps = deps;
    this.#writer = new DeploymentWriter(deps);
    this.#deployments = listers.deployments;
    this.#sets = listers.sets;
    this.#pods = listers.pods;
  }

  setKeys({ object, old }: Change<ReplicaSet>): string[] {
    const moved = old && controllerOf(old)?.uid !== controllerOf(object)?.uid;
    return [...deploymentKeysOf(object, this.#deployments), ...(moved ? deploymentKeysOf(old, this.#deployments) : [])];
  }

  /** Recreate waits for the last old pod: only deletions and ends of pods matter. */
  podKeys({ type, object: pod }: Change<Pod>): string[] {
    if (type !== 'deleted' && !isPodFinished(pod)) return [];
    const owner = controllerOf(pod);
    const set = owner?.kind === 'ReplicaSet' ? this.#sets.get(`${pod.metadata.namespace}/${owner.name}`) : undefined;
    const keys = set ? deploymentKeysOf(set, this.#deployments) : [];
    return keys.filter((key) => this.#deployments.get(key)?.spec.strategy?.type === 'Recreate');
  }

  async reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const deployment = this.#deployments.get(key);
    if (!deployment) return undefined;
    const selector = labelSelectorMatcher(deployment.spec.selector);
    const candidates = this.#sets.list(deployment.metadata.namespace ?? '');
    const claim = { owner: deployment, ownerResource: DEPLOYMENTS, selector, resource: REPLICA_SETS, objects: candidates };
    const owned = await claimObjects(this.#deps.client, claim, signal);
    const sets = this.#sort(deployment, owned);
    if (deployment.metadata.deletionTimestamp) return await this.#writeBase(deployment, sets, signal);
    const checked = await this.#checkPaused(deployment, signal);
    if (checked.spec.paused || isScalingEvent(checked, sets)) return await this.#sync(checked, sets, signal);
    return checked.spec.strategy?.type === 'Recreate'
      ? await this.#recreate(checked, sets, signal)
      : await this.#rollingUpdate(checked, sets, signal);
  }

  #sort(deployment: Deployment, owned: readonly ReplicaSet[]): ReplicaSets {
    const current = findNewReplicaSet(deployment, owned);
    return { current, old: owned.filter((set) => set !== current) };
  }

  /** Notes pausing and resuming, so that a pause does not count against the deadline. */
  async #checkPaused(deployment: Deployment, signal: AbortSignal): Promise<Deployment> {
    if (!hasDeadline(deployment)) return deployment;
    const condition = deploymentCondition(deployment, 'Progressing');
    if (condition?.reason === 'ProgressDeadlineExceeded') return deployment;
    const notedPause = condition?.reason === 'DeploymentPaused';
    if (deployment.spec.paused && !notedPause) return await this.#writer.note(deployment, PROGRESS.paused(), signal);
    if (!deployment.spec.paused && notedPause) return await this.#writer.note(deployment, PROGRESS.resumed(), signal);
    return deployment;
  }

  /** Paused, or its size was changed: scales what there is, starts no revision. */
  async #sync(deployment: Deployment, found: ReplicaSets, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const synced = found.current ? await this.#writer.syncNew(deployment, { ...found, current: found.current }, signal) : undefined;
    const present = synced?.deployment ?? deployment;
    const sets = synced ? { ...found, current: synced.set } : found;
    const scaled = await this.#writer.scale(present, planScale(present, sets), signal);
    if (present.spec.paused) await this.#writer.prune(replicaSetsToPrune(present, sets.old), signal);
    return await this.#writeBase(present, replace(sets, scaled), signal);
  }

  async #rollingUpdate(deployment: Deployment, found: ReplicaSets, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const made = await this.#newSet(deployment, found, signal);
    if (!made) return undefined;
    const sets = { current: made.set, old: found.old };
    const scaled = await this.#writer.scale(made.deployment, planRollingUpdate(made.deployment, sets), signal);
    return await this.#finish(made.deployment, replace(sets, scaled), signal);
  }

  async #recreate(deployment: Deployment, found: ReplicaSets, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const down = planScaleDownOld(found.old);
    if (down.length > 0) {
      const scaled = await this.#writer.scale(deployment, down, signal);
      return await this.#writeRollout(deployment, replace(found, scaled), signal);
    }
    if (this.#oldPodsRun(found)) return await this.#writeRollout(deployment, found, signal);
    const made = await this.#newSet(deployment, found, signal);
    if (!made) return undefined;
    const desired = made.deployment.spec.replicas ?? 1;
    const up = replicasOf(made.set) === desired ? [] : [{ set: made.set, replicas: desired }];
    const scaled = await this.#writer.scale(made.deployment, up, signal);
    return await this.#finish(made.deployment, replace({ current: made.set, old: found.old }, scaled), signal);
  }

  #oldPodsRun({ old }: ReplicaSets): boolean {
    return old.some((set) => this.#pods.byIndex('controllerUid', set.metadata.uid ?? '').some((pod) => !isPodFinished(pod)));
  }

  async #newSet(
    deployment: Deployment,
    found: ReplicaSets,
    signal: AbortSignal,
  ): Promise<{ deployment: Deployment; set: ReplicaSet } | undefined> {
    if (found.current) return await this.#writer.syncNew(deployment, { ...found, current: found.current }, signal);
    return await this.#writer.createNew(deployment, { old: found.old, replicas: newReplicas(deployment, allOf(found), 0) }, signal);
  }

  async #finish(deployment: Deployment, sets: ReplicaSets, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    if (isComplete(deployment, deployment.status ?? {})) await this.#writer.prune(replicaSetsToPrune(deployment, sets.old), signal);
    return await this.#writeRollout(deployment, sets, signal);
  }

  #writeRollout(deployment: Deployment, sets: ReplicaSets, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    return this.#writer.writeStatus(deployment, rolloutStatus(deployment, sets, this.#writer.moment()), signal);
  }

  #writeBase(deployment: Deployment, sets: ReplicaSets, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    return this.#writer.writeStatus(deployment, baseStatus(deployment, sets, this.#writer.moment().now), signal);
  }
}

/** The sets with those that were written in place of the old versions. */
function replace(sets: ReplicaSets, written: readonly ReplicaSet[]): ReplicaSets {
  const newest = (set: ReplicaSet): ReplicaSet => written.find((w) => w.metadata.uid === set.metadata.uid) ?? set;
  return { current: sets.current && newest(sets.current), old: sets.old.map(newest) };
}

/** Runs Deployments. */
export function deploymentController(deps: ControllerDeps): Component {
  return new ControllerLoop(
    {
      name: 'deployment',
      setup: () => {
        const deployments = deps.informers.informer(DEPLOYMENTS);
        const sets = deps.informers.informer(REPLICA_SETS, { indexers: byControllerUid });
        const pods = deps.informers.informer(PODS, { indexers: byControllerUid });
        const listers = { deployments: deployments.lister, sets: sets.lister, pods: pods.lister };
        const reconciler = new DeploymentReconciler(deps, listers);
        return {
          sources: [
            source(deployments),
            source(sets, (change) => reconciler.setKeys(change)),
            source(pods, (change) => reconciler.podKeys(change)),
          ],
          reconcile: (key, signal) => reconciler.reconcile(key, signal),
        };
      },
    },
    deps,
  );
}
