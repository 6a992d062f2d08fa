// Delete and deletecollection: preconditions, admission, and the steps that deletion-plan.ts decides.

import type { KubeObject } from '../../api/object.ts';
import { isNotFound, notFound } from '../../api/status-error.ts';
import type { DeleteOptions } from '../../api/types/meta-v1.gen.ts';
import { type Clock, rfc3339 } from '../../base/clock.ts';
import type { ApiCall } from '../../client/api-backend.ts';
import type { Entry, Store } from '../store/store.ts';
import { AdmissionRun, type AdmissionRunDeps } from './admission-run.ts';
import { checkDeleteOptions, checkPreconditions } from './delete-options.ts';
import { type DeletionPlan, planDeletion } from './deletion-plan.ts';
import { isDryRun } from './object-writer.ts';
import { keyFor, kindOf, type ServedResource } from './served-resource.ts';
import { isLostRace, statusOf } from './store-faults.ts';
import { fromStored, loadStored, toStored } from './stored-form.ts';
import type { WriteContext } from './strategy.ts';

/** Attempts at a delete that loses against other writes. */
const MAX_ATTEMPTS = 30;
/** Deletions of one deletecollection that run at the same time: enough to fill a group commit, few enough to stay fair. */
const PARALLEL_DELETES = 32;

/** What a deletion left. */
export interface DeletionResult {
  /** The object as it was last seen, in the served version. */
  readonly object: KubeObject;
  /** The object is gone; otherwise it waits for its grace period or finalizers. */
  readonly removed: boolean;
}

/** What the deleter needs of the server. */
export interface DeleterDeps extends AdmissionRunDeps {
  readonly store: Store;
  readonly clock: Clock;
}

/** Deletes objects. Without state of its own. */
export class ObjectDeleter {
  readonly #deps: DeleterDeps;

  constructor(deps: DeleterDeps) {
    this.#deps = deps;
  }

  /** Deletes one object. @throws StatusError */
  async delete(served: ServedResource, call: ApiCall, options: DeleteOptions): Promise<DeletionResult> {
    checkDeleteOptions(options);
    const key = keyFor(served, call.namespace, call.name);
    const dryRun = isDryRun(call) || (options.dryRun?.length ?? 0) > 0;
    for (let attempt = 1; ; attempt++) {
      const head = this.#deps.store.head<KubeObject>(key);
      if (!head) throw notFound(served.info, call.name);
      checkPreconditions(served, head.object, options);
      try {
        return await this.#deleteOnce(served, call, { head, options, dryRun });
      } catch (error) {
        if (isLostRace(error) && attempt < MAX_ATTEMPTS) continue;
        throw statusOf(error, served.info, call.name);
      }
    }
  }

  async #deleteOnce(
    served: ServedResource,
    call: ApiCall,
    step: { head: Entry<KubeObject>; options: DeleteOptions; dryRun: boolean },
  ): Promise<DeletionResult> {
    const { head, options, dryRun } = step;
    await loadStored(served, [head.object]);
    const current = fromStored(served, head.object);
    const context: WriteContext = {
      user: call.user,
      namespace: call.namespace,
      nowMs: this.#deps.clock.now(),
      dryRun,
      warn: call.warn ?? (() => {}),
    };
    served.strategy.checkDelete?.(current, context);
    const { orphanWarning } = served.flags;
    if (orphanWarning && options.propagationPolicy === undefined && options.orphanDependents === undefined) context.warn(orphanWarning);
    const run = new AdmissionRun(this.#deps, call, {
      operation: 'DELETE',
      served,
      kind: kindOf(served.info),
      object: undefined,
      oldObject: current,
      namespace: call.namespace,
      // Who deletes a collection names none of what is in it, and so does admission.
      name: call.verb === 'deletecollection' ? '' : call.name,
      dryRun,
      deleteOptions: options,
    });
    await run.admit();
    await run.validate(undefined);
    const plan = this.#plan(served, current, { options, nowMs: context.nowMs });
    return await this.#perform(served, { plan, head, current, dryRun, nowMs: context.nowMs });
  }

  #plan(served: ServedResource, current: KubeObject, wish: { options: DeleteOptions; nowMs: number }): DeletionPlan {
    const { strategy } = served;
    return planDeletion(current, wish.options, {
      grace: strategy.gracePeriod?.(current, wish.options.gracePeriodSeconds),
      held: strategy.holdOnDelete?.(current) ?? false,
      dependents: served.flags.dependents ?? 'deleted',
      at: (seconds) => rfc3339(wish.nowMs + seconds * 1000),
    });
  }

  async #perform(
    served: ServedResource,
    step: { plan: DeletionPlan; head: Entry<KubeObject>; current: KubeObject; dryRun: boolean; nowMs: number },
  ): Promise<DeletionResult> {
    const { plan, head, current, dryRun } = step;
    const { store } = this.#deps;
    if (plan.action === 'none') return { object: current, removed: false };
    if (plan.action === 'remove') {
      if (!dryRun) await store.delete(head.key, { revision: head.revision, durability: served.durability });
      return { object: { ...current, metadata: plan.metadata }, removed: true };
    }
    const marked: KubeObject = { ...current, metadata: plan.metadata };
    // A namespace shows its deletion in its status too.
    served.strategy.holdOnDelete?.(marked);
    if (!current.metadata.deletionTimestamp) served.strategy.markDeleted?.(marked, step.nowMs);
    if (dryRun) return { object: marked, removed: false };
    const stored = await toStored(served, marked);
    const entry = await store.update(head.key, stored, { revision: head.revision, durability: served.durability });
    await loadStored(served, [entry.object]);
    return { object: fromStored(served, entry.object), removed: false };
  }

  /** Deletes what `objects` names, some at a time; objects that are gone by then are passed over. Returns them as last seen. @throws StatusError */
  async deleteAll(
    served: ServedResource,
    call: ApiCall,
    work: { objects: readonly KubeObject[]; options: DeleteOptions },
  ): Promise<KubeObject[]> {
    const deleted: KubeObject[] = [];
    const queue = work.objects.values();
    const worker = async (): Promise<void> => {
      for (const object of queue) {
        call.signal?.throwIfAborted();
        const { name = '', namespace = '' } = object.metadata;
        try {
          const result = await this.delete(served, { ...call, namespace, name }, work.options);
          deleted.push(result.object);
        } catch (error) {
          if (!isNotFound(error)) throw error;
        }
      }
    };
    await Promise.all(Array.from({ length: PARALLEL_DELETES }, worker));
    return deleted;
  }
}
