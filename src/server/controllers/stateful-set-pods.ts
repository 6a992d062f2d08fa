// Carries out the steps of a StatefulSet: pods and their claims.

import { keyOf, nameOf } from '../../api/object.ts';
import { isAlreadyExists, isNotFound, StatusError } from '../../api/status-error.ts';
import { messageOf } from '../../base/errors.ts';
import type { Client } from '../../client/client.ts';
import type { Lister } from '../../client/informer.ts';
import type { EventRecorder } from '../../client/recorder.ts';
import { PERSISTENT_VOLUME_CLAIMS, PODS } from '../../client/resources.ts';
import { isNamespaceGone } from './service-account.ts';
import {
  type ClaimObject,
  claimOwners,
  claimsOf,
  isClaimGoing,
  ordinalOf,
  type PodObject,
  type SetObject,
} from './stateful-set-identity.ts';
import type { StatefulStep } from './stateful-set-plan.ts';

/** How steps ended; `again` = something must go first, or the informer is behind. */
type StatefulOutcome = 'done' | 'again';

/** What the writer needs. */
interface StatefulPodsDeps {
  readonly client: Client;
  readonly recorder: EventRecorder;
  readonly claims: Pick<Lister<ClaimObject>, 'get'>;
}

/** Makes and deletes pods of StatefulSets. Without state. */
export class StatefulPods {
  readonly #deps: StatefulPodsDeps;

  constructor(deps: StatefulPodsDeps) {
    this.#deps = deps;
  }

  /** Runs the steps in order. @throws StatusError of the first that fails */
  async carryOut(set: SetObject, steps: readonly StatefulStep[], signal: AbortSignal): Promise<StatefulOutcome> {
    let outcome: StatefulOutcome = 'done';
    for (const step of steps) if ((await this.#run(set, step, signal)) === 'again') outcome = 'again';
    return outcome;
  }

  /** Gives the claims of all pods the owners that the retention policy wants: before a pod goes, its claim must know. */
  async retainClaims(set: SetObject, pods: readonly PodObject[], signal: AbortSignal): Promise<void> {
    for (const pod of pods) {
      const ordinal = ordinalOf(set, pod);
      if (ordinal === undefined) continue;
      for (const { claim } of claimsOf(set, ordinal)) {
        const found = this.#deps.claims.get(keyOf(claim));
        const owners = found && claimOwners(set, found, pod);
        if (!owners) continue;
        const { uid, resourceVersion } = found.metadata;
        const body = { metadata: { uid, resourceVersion, ownerReferences: owners.length > 0 ? owners : null } };
        await this.#deps.client.patch(PERSISTENT_VOLUME_CLAIMS, nameOf(keyOf(claim)), { type: 'merge', body }, { signal });
      }
    }
  }

  async #run(set: SetObject, step: StatefulStep, signal: AbortSignal): Promise<StatefulOutcome> {
    switch (step.type) {
      case 'create':
        if ((await this.#makeClaims(set, step, signal)) === 'again') return 'again';
        return await this.#create(set, step.pod, signal);
      case 'claims':
        await this.#makeClaims(set, step, signal);
        return 'done';
      case 'identify':
        await this.#identify(step, signal);
        return 'done';
      case 'delete':
        await this.#delete(set, step, signal);
        return 'done';
    }
  }

  async #makeClaims(
    set: SetObject,
    { type, pod, ordinal }: { type: 'create' | 'claims'; pod: PodObject; ordinal: number },
    signal: AbortSignal,
  ): Promise<StatefulOutcome> {
    for (const { claim } of claimsOf(set, ordinal)) {
      const found = this.#deps.claims.get(keyOf(claim));
      if (found && type === 'create' && isClaimGoing(found, pod)) return 'again';
      if (!found) await this.#makeClaim(set, { claim, pod }, signal);
    }
    return 'done';
  }

  async #makeClaim(set: SetObject, { claim, pod }: { claim: ClaimObject; pod: PodObject }, signal: AbortSignal): Promise<void> {
    const what = `create Claim ${claim.metadata.name} Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name}`;
    try {
      await this.#deps.client.create(PERSISTENT_VOLUME_CLAIMS, claim, { signal });
      this.#deps.recorder.event(set, 'Normal', 'SuccessfulCreate', `${what} success`);
    } catch (error) {
      // The informer was behind.
      if (isAlreadyExists(error)) return;
      this.#deps.recorder.event(set, 'Warning', 'FailedCreate', `${what} failed error: ${messageOf(error)}`);
      throw error;
    }
  }

  async #create(set: SetObject, pod: PodObject, signal: AbortSignal): Promise<StatefulOutcome> {
    try {
      await this.#deps.client.create(PODS, pod, { signal });
      this.#report(set, pod, { verb: 'create' });
    } catch (error) {
      if (isAlreadyExists(error)) {
        await this.#demandOwn(set, pod, signal);
        return 'again';
      }
      // A namespace that goes takes no pods: nothing to retry.
      if (isNamespaceGone(error)) return 'done';
      this.#report(set, pod, { verb: 'create', error });
      throw error;
    }
    return 'done';
  }

  /** A pod of the name is there: ours that the informer does not show yet, or a stranger's that must go first. */
  async #demandOwn(set: SetObject, pod: PodObject, signal: AbortSignal): Promise<void> {
    const found = await this.#deps.client.get(PODS, nameOf(keyOf(pod)), { signal });
    if (found.metadata.ownerReferences?.some(({ uid }) => uid === set.metadata.uid)) return;
    throw new StatusError(409, 'AlreadyExists', `pods "${pod.metadata.name}" already exists and is not of StatefulSet ${keyOf(set)}`);
  }

  async #identify({ pod, labels }: { pod: PodObject; labels: Record<string, string> }, signal: AbortSignal): Promise<void> {
    const { uid, resourceVersion } = pod.metadata;
    const body = { metadata: { uid, resourceVersion, labels } };
    await this.#deps.client.patch(PODS, nameOf(keyOf(pod)), { type: 'merge', body }, { signal });
  }

  async #delete(set: SetObject, { pod, why }: { pod: PodObject; why?: 'failed' | 'succeeded' }, signal: AbortSignal): Promise<void> {
    const { recorder, client } = this.#deps;
    const recreating = `StatefulSet ${keyOf(set)} is recreating`;
    if (why === 'failed') recorder.event(set, 'Warning', 'RecreatingFailedPod', `${recreating} failed Pod ${pod.metadata.name}`);
    if (why === 'succeeded') recorder.event(set, 'Normal', 'RecreatingTerminatedPod', `${recreating} terminated Pod ${pod.metadata.name}`);
    try {
      await client.delete(PODS, nameOf(keyOf(pod)), { preconditions: { uid: pod.metadata.uid ?? '' }, signal });
      this.#report(set, pod, { verb: 'delete' });
    } catch (error) {
      if (isNotFound(error)) return;
      this.#report(set, pod, { verb: 'delete', error });
      throw error;
    }
  }

  #report(set: SetObject, pod: PodObject, { verb, error }: { verb: 'create' | 'delete'; error?: unknown }): void {
    const what = `${verb} Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name}`;
    const noun = verb === 'create' ? 'Create' : 'Delete';
    if (error === undefined) this.#deps.recorder.event(set, 'Normal', `Successful${noun}`, `${what} successful`);
    else this.#deps.recorder.event(set, 'Warning', `Failed${noun}`, `${what} failed error: ${messageOf(error)}`);
  }
}
