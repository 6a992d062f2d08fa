// What the Deployment controller writes: ReplicaSets, their sizes, revisions, the status, and the events about them.

import { deepEqual } from '../../api/copy.ts';
import { isAlreadyExists, isNotFound } from '../../api/status-error.ts';
import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from '../../api/types/apps-v1.gen.ts';
import { rfc3339 } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { ReconcileResult } from '../../client/reconciler.ts';
import type { EventRecorder } from '../../client/recorder.ts';
import { DEPLOYMENTS, REPLICA_SETS } from '../../client/resources.ts';
import type { ControllerDeps } from './controller.ts';
import { controllerRef, isControlledBy } from './controller-ref.ts';
import { type ReplicaSets, replicasOf, type ScaleStep } from './deployment-plan.ts';
import {
  newReplicaSet,
  REVISION,
  replicaSetAnnotations,
  replicasAnnotations,
  revisionOf,
  sameTemplate,
  templateHash,
} from './deployment-revision.ts';
import {
  deploymentCondition,
  hasDeadline,
  type Moment,
  msUntilDeadline,
  PROGRESS,
  sameStatus,
  withCondition,
} from './deployment-status.ts';
import { isNamespaceTerminating } from './replica-set.ts';

type Noted = Pick<DeploymentCondition, 'type' | 'status' | 'reason' | 'message'>;

/** A Deployment and its new ReplicaSet as they are after a write. */
interface NewSet {
  readonly deployment: Deployment;
  readonly set: ReplicaSet;
}

const nameOfObject = (object: Deployment | ReplicaSet): { namespace: string; name: string } => ({
  namespace: object.metadata.namespace ?? '',
  name: object.metadata.name ?? '',
});

/** Writes for Deployments. Every method returns what the API answered. */
export class DeploymentWriter {
  readonly #deps: ControllerDeps;
  readonly #recorder: EventRecorder;

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
    this.#recorder = deps.recorder('deployment-controller');
  }

  moment(): Moment {
    const nowMs = this.#deps.clock.now();
    return { nowMs, now: rfc3339(nowMs) };
  }

  /** Sets one condition. */
  async note(deployment: Deployment, condition: Noted, signal: AbortSignal): Promise<Deployment> {
    const conditions = withCondition(deployment.status?.conditions ?? [], condition, this.moment().now);
    const draft = { ...deployment, status: { ...deployment.status, conditions } };
    return await this.#deps.client.update(DEPLOYMENTS, draft, { subresource: 'status', signal });
  }

  /** Writes the status if it changed; returns when to look at the deadline. */
  async writeStatus(deployment: Deployment, status: DeploymentStatus, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    if (!sameStatus(deployment.status, status)) {
      await this.#deps.client.update(DEPLOYMENTS, { ...deployment, status }, { subresource: 'status', signal });
    }
    const requeueAfterMs = msUntilDeadline(deployment, status, this.#deps.clock.now());
    return requeueAfterMs === undefined ? undefined : { requeueAfterMs };
  }

  /** Brings revision and copied annotations of the new ReplicaSet, and the Deployment's own revision, up to date. */
  async syncNew(deployment: Deployment, sets: ReplicaSets & { readonly current: ReplicaSet }, signal: AbortSignal): Promise<NewSet> {
    const { current, old } = sets;
    const revision = Math.max(0, ...old.map(revisionOf)) + 1;
    const annotations = replicaSetAnnotations(deployment, current, revision);
    const minReadySeconds = deployment.spec.minReadySeconds ?? 0;
    let set = current;
    if (!deepEqual(annotations, current.metadata.annotations ?? {}) || (current.spec.minReadySeconds ?? 0) !== minReadySeconds) {
      const draft = { ...current, metadata: { ...current.metadata, annotations }, spec: { ...current.spec, minReadySeconds } };
      set = await this.#deps.client.update(REPLICA_SETS, draft, { signal });
    }
    let present = await this.#setRevision(deployment, set, signal);
    if (hasDeadline(present) && !deploymentCondition(present, 'Progressing')) {
      present = await this.note(present, PROGRESS.found(set.metadata.name ?? ''), signal);
    }
    return { deployment: present, set };
  }

  /** Makes the ReplicaSet of the present template. Undefined when the namespace is going or another try must follow. */
  async createNew(
    deployment: Deployment,
    wanted: { readonly old: readonly ReplicaSet[]; readonly replicas: number },
    signal: AbortSignal,
  ): Promise<NewSet | undefined> {
    const hash = templateHash(deployment.spec.template, deployment.status?.collisionCount ?? 0);
    const base = newReplicaSet(deployment, hash, Math.max(0, ...wanted.old.map(revisionOf)) + 1);
    const metadata = { ...base.metadata, ownerReferences: [controllerRef(deployment, DEPLOYMENTS)] };
    const draft = { ...base, metadata, spec: { ...base.spec, replicas: wanted.replicas } };
    let set: ReplicaSet;
    try {
      set = await this.#deps.client.create(REPLICA_SETS, draft, { signal });
    } catch (error) {
      if (isNamespaceTerminating(error)) return undefined;
      if (!isAlreadyExists(error)) return await this.#createFailed(deployment, { name: draft.metadata.name ?? '', error }, signal);
      return await this.#onCollision(deployment, draft, signal);
    }
    const name = set.metadata.name ?? '';
    if (wanted.replicas > 0) this.#scaled(deployment, { name, from: 0, to: wanted.replicas });
    const marked = await this.#setRevision(deployment, set, signal);
    const present = hasDeadline(marked) ? await this.note(marked, PROGRESS.created(name), signal) : marked;
    return { deployment: present, set };
  }

  /** The name is taken: by this very revision (the informer is behind), or by another, and then the next hash is tried. */
  async #onCollision(deployment: Deployment, draft: ReplicaSet, signal: AbortSignal): Promise<NewSet | undefined> {
    const existing = await this.#deps.client.get(REPLICA_SETS, nameOfObject(draft), { signal });
    const { template } = existing.spec;
    if (isControlledBy(existing, deployment) && template && sameTemplate(template, deployment.spec.template)) {
      return { deployment, set: existing };
    }
    const status = { ...deployment.status, collisionCount: (deployment.status?.collisionCount ?? 0) + 1 };
    await this.#deps.client.update(DEPLOYMENTS, { ...deployment, status }, { subresource: 'status', signal });
    return undefined;
  }

  async #createFailed(deployment: Deployment, failure: { name: string; error: unknown }, signal: AbortSignal): Promise<never> {
    const message = `Failed to create new replica set "${failure.name}": ${messageOf(failure.error)}`;
    this.#recorder.event(deployment, 'Warning', 'ReplicaSetCreateError', message);
    if (hasDeadline(deployment)) await this.note(deployment, PROGRESS.createFailed(message), signal);
    throw failure.error;
  }

  async #setRevision(deployment: Deployment, set: ReplicaSet, signal: AbortSignal): Promise<Deployment> {
    const revision = set.metadata.annotations?.[REVISION] ?? '';
    if (revision === '' || deployment.metadata.annotations?.[REVISION] === revision) return deployment;
    const body = { metadata: { annotations: { [REVISION]: revision } } };
    return await this.#deps.client.patch(DEPLOYMENTS, nameOfObject(deployment), { type: 'merge', body }, { signal });
  }

  /** Gives ReplicaSets their sizes; returns those that were written. */
  async scale(deployment: Deployment, steps: readonly ScaleStep[], signal: AbortSignal): Promise<ReplicaSet[]> {
    const written: ReplicaSet[] = [];
    for (const { set, replicas } of steps) {
      const annotations = { ...set.metadata.annotations, ...replicasAnnotations(deployment) };
      const from = replicasOf(set);
      if (from === replicas && deepEqual(annotations, set.metadata.annotations ?? {})) continue;
      const draft = { ...set, metadata: { ...set.metadata, annotations }, spec: { ...set.spec, replicas } };
      written.push(await this.#deps.client.update(REPLICA_SETS, draft, { signal }));
      if (from !== replicas) this.#scaled(deployment, { name: set.metadata.name ?? '', from, to: replicas });
    }
    return written;
  }

  #scaled(deployment: Deployment, change: { name: string; from: number; to: number }): void {
    const { name, from, to } = change;
    const direction = from < to ? 'up' : 'down';
    this.#recorder.event(deployment, 'Normal', 'ScalingReplicaSet', `Scaled ${direction} replica set ${name} from ${from} to ${to}`);
  }

  /** Deletes old ReplicaSets. */
  async prune(sets: readonly ReplicaSet[], signal: AbortSignal): Promise<void> {
    for (const set of sets) {
      try {
        await this.#deps.client.delete(REPLICA_SETS, nameOfObject(set), { propagationPolicy: 'Background', signal });
      } catch (error) {
        // Somebody else was quicker.
        if (!isNotFound(error)) throw error;
      }
    }
  }
}
