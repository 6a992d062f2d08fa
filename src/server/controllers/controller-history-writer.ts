// Writes what controller-history.ts plans.

import { deepEqual } from '../../api/copy.ts';
import { labelSelectorMatcher } from '../../api/labels.ts';
import { type KubeObject, keyOf, nameOf } from '../../api/object.ts';
import { isAlreadyExists, isNotFound, StatusError } from '../../api/status-error.ts';
import type { ControllerRevision } from '../../api/types/apps-v1.gen.ts';
import type { Client, TypedResource } from '../../client/client.ts';
import type { Lister } from '../../client/informer.ts';
import { CONTROLLER_REVISIONS } from '../../client/resources.ts';
import type { RevisionPlan, Versioned } from './controller-history.ts';
import { claimObjects, controllerOf, isControlledBy } from './controller-ref.ts';

type RevisionObject = ControllerRevision & KubeObject;

/** Writes revisions of workloads of one kind. */
export class ControllerHistoryWriter<T extends Versioned> {
  readonly #client: Client;
  readonly #resource: TypedResource<T>;

  constructor(client: Client, resource: TypedResource<T>) {
    this.#client = client;
    this.#resource = resource;
  }

  /** The owner's revisions, with those it adopts by its selector, e.g. after it was deleted without its dependents. */
  async claim(owner: T, revisions: Lister<RevisionObject>, signal: AbortSignal): Promise<RevisionObject[]> {
    const { namespace, uid = '' } = owner.metadata;
    const owned = revisions.byIndex('controllerUid', uid);
    const orphans = revisions.list(namespace).filter((revision) => !controllerOf(revision));
    const selector = labelSelectorMatcher(owner.spec?.selector);
    const claim = { owner, ownerResource: this.#resource, selector, resource: CONTROLLER_REVISIONS, objects: [...owned, ...orphans] };
    return await claimObjects(this.#client, claim, signal);
  }

  /** Returns the revision as it is stored. @throws StatusError Conflict when its name was taken: the owner then counts the collision. */
  async write(owner: T, plan: RevisionPlan, signal: AbortSignal): Promise<RevisionObject> {
    if (plan.kind === 'current') return plan.revision;
    if (plan.kind === 'raise') return await this.#client.update(CONTROLLER_REVISIONS, plan.revision, { signal });
    try {
      return await this.#client.create(CONTROLLER_REVISIONS, plan.revision, { signal });
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      return await this.#resolveCollision(owner, plan.revision, signal);
    }
  }

  /** The name is taken: by our own revision that the informer does not show yet, or by one of another template with that hash. */
  async #resolveCollision(owner: T, wanted: RevisionObject, signal: AbortSignal): Promise<RevisionObject> {
    const taken = await this.#client.get(CONTROLLER_REVISIONS, nameOf(keyOf(wanted)), { signal });
    if (deepEqual(taken.data, wanted.data) && isControlledBy(taken, owner)) return taken;
    const collisionCount = (owner.status?.collisionCount ?? 0) + 1;
    const body = { metadata: { resourceVersion: owner.metadata.resourceVersion }, status: { collisionCount } };
    await this.#client.patch(this.#resource, nameOf(keyOf(owner)), { type: 'merge', body }, { subresource: 'status', signal });
    throw new StatusError(409, 'Conflict', `the name ${wanted.metadata.name} is taken: trying another`);
  }

  /** Deletes revisions. */
  async delete(revisions: readonly RevisionObject[], signal: AbortSignal): Promise<void> {
    for (const revision of revisions) {
      await this.#client.delete(CONTROLLER_REVISIONS, nameOf(keyOf(revision)), { signal }).catch((error: unknown) => {
        if (!isNotFound(error)) throw error;
      });
    }
  }
}
