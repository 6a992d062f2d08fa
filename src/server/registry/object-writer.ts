// Create and update of objects: the order of defaulting, admission, preparation, validation and the store that is the same for every resource.

import { randomInt } from 'node:crypto';
import { dropDisabledFields } from '../../api/disabled-fields.ts';
import { generatedName } from '../../api/names.ts';
import type { KubeObject } from '../../api/object.ts';
import { isAlreadyExists, notFound, StatusError } from '../../api/status-error.ts';
import type { Clock } from '../../base/clock.ts';
import type { ApiCall } from '../../client/api-backend.ts';
import type { Durability, Entry, Store } from '../store/store.ts';
import { AdmissionRun, type AdmissionRunDeps } from './admission-run.ts';
import { isApply } from './apply-body.ts';
import { bookedWrite } from './booked-write.ts';
import { isDeletionDone } from './deletion-plan.ts';
import { ownersOfNew, setManagedFields } from './field-management.ts';
import { nextGeneration, startGeneration } from './generation.ts';
import { checkNamespace, checkType, existsError, fillNewMeta, keepServerMeta } from './object-identity.ts';
import { keyFor, kindOf, type ServedResource } from './served-resource.ts';
import { isLostRace, statusOf } from './store-faults.ts';
import { fromStored, isSame, loadStored, shareUnchanged, toStored } from './stored-form.ts';
import type { Release, WriteContext } from './strategy.ts';
import type { UpdatePlan } from './update-plan.ts';
import { checkVersion } from './update-precondition.ts';
import { demandValid, type Validator, warnOf } from './validation.ts';

/** Names tried for generateName before giving up, as upstream. */
const MAX_NAMES = 8;
/** Attempts at an update that names no resource version and loses against others: more than writers of one object ever queue up. */
const MAX_ATTEMPTS = 30;

/** What a write left. */
export interface WriteResult {
  /** The object in the served version. */
  readonly object: KubeObject;
  /** Its stored entry; undefined for a dry run. */
  readonly entry: Entry<KubeObject> | undefined;
  readonly created: boolean;
}

/** What the writer needs of the server. */
export interface WriterDeps extends AdmissionRunDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly validator: Validator;
}

/** Creates and updates objects. Without state of its own. */
export class ObjectWriter {
  readonly #deps: WriterDeps;

  constructor(deps: WriterDeps) {
    this.#deps = deps;
  }

  /** The context a strategy gets for a call. */
  context(call: ApiCall): WriteContext {
    return {
      user: call.user,
      namespace: call.namespace,
      nowMs: this.#deps.clock.now(),
      dryRun: isDryRun(call),
      warn: call.warn ?? (() => {}),
    };
  }

  /** Creates `body` (a draft in the served version, owned by this call). @throws StatusError */
  async create(served: ServedResource, call: ApiCall, body: KubeObject): Promise<WriteResult> {
    const { info } = served;
    checkType(served, body);
    checkNamespace(body, call.namespace);
    served.type.applyDefaults(body);
    const context = this.context(call);
    const owners = isApply(call) ? body.metadata.managedFields : await ownersOfNew({ served, call, nowMs: context.nowMs }, body);
    setManagedFields(body, owners);
    const run = new AdmissionRun(this.#deps, call, {
      operation: 'CREATE',
      served,
      kind: kindOf(info),
      object: body,
      oldObject: undefined,
      namespace: call.namespace,
      name: body.metadata.name ?? '',
      dryRun: isDryRun(call),
    });
    const object = (await run.admit()) ?? body;
    fillNewMeta(object, call.namespace, context.nowMs);
    startGeneration(info, object);
    prepareNew(served, object, context);
    setManagedFields(object, owners);
    return await this.#createNamed(served, object, { call, context, run });
  }

  async #createNamed(
    served: ServedResource,
    object: KubeObject,
    way: { call: ApiCall; context: WriteContext; run: AdmissionRun },
  ): Promise<WriteResult> {
    const base = object.metadata.name ? '' : (object.metadata.generateName ?? '');
    for (let attempt = 1; ; attempt++) {
      if (base !== '') object.metadata.name = generatedName(base, randomInt);
      served.strategy.named?.(object);
      const release = served.strategy.reserve?.(object, undefined, way.context);
      try {
        const name = object.metadata.name ?? '';
        demandValid(served, name, [
          ...this.#deps.validator.validateCreate(served.info, object),
          ...((await served.strategy.validate?.(object, undefined, way.context)) ?? []),
        ]);
        warnOf(served, way.call, { object });
        await way.run.validate(object);
        return await this.#store(served, object, { run: way.run, dryRun: isDryRun(way.call) });
      } catch (error) {
        if (base === '' || attempt === MAX_NAMES || !(error instanceof StatusError && error.reason === 'AlreadyExists')) throw error;
      } finally {
        release?.();
      }
    }
  }

  async #store(served: ServedResource, object: KubeObject, way: { run: AdmissionRun; dryRun: boolean }): Promise<WriteResult> {
    const { name = '', namespace = '' } = object.metadata;
    const key = keyFor(served, namespace, name);
    const existing = this.#deps.store.head<KubeObject>(key);
    if (existing) throw existsError(served, existing.object);
    const { store } = this.#deps;
    if (way.dryRun) {
      way.run.draw();
      return { object, entry: undefined, created: true };
    }
    const stored = await toStored(served, object);
    const create = () => store.create(key, stored, { durability: served.durability });
    try {
      const entry = await bookedWrite({ store, key, run: way.run }, create);
      return await this.#written(served, entry, true);
    } catch (error) {
      throw statusOf(error, served.info, name);
    }
  }

  /** Updates an object by `plan`, again and again while others get in between and the caller names no resource version. @throws StatusError */
  async update(served: ServedResource, call: ApiCall, plan: UpdatePlan): Promise<WriteResult> {
    const key = keyFor(served, call.namespace, call.name);
    for (let attempt = 1; ; attempt++) {
      const head = this.#deps.store.head<KubeObject>(key);
      if (!head) {
        if (!plan.createInstead) throw notFound(served.info, call.name);
        call.demandCreate?.();
        try {
          return await this.create(served, call, await plan.createInstead(this.#deps.clock.now()));
        } catch (error) {
          // Somebody else was faster: now there is something to update.
          if (!isAlreadyExists(error) || attempt === MAX_ATTEMPTS) throw error;
          continue;
        }
      }
      if (served.conversion?.load) await loadStored(served, [head.object]);
      const current = fromStored(served, head.object);
      const draft = await plan.transform(current, this.#deps.clock.now());
      const unconditional = checkVersion(served, draft, current, call.verb);
      try {
        return await this.#updateOnce(served, call, { plan, head, current, draft });
      } catch (error) {
        if (isLostRace(error) && unconditional && attempt < MAX_ATTEMPTS) continue;
        throw statusOf(error, served.info, call.name);
      }
    }
  }

  async #updateOnce(
    served: ServedResource,
    call: ApiCall,
    step: { plan: UpdatePlan; head: Entry<KubeObject>; current: KubeObject; draft: KubeObject },
  ): Promise<WriteResult> {
    const { plan, head, current } = step;
    const { info } = served;
    checkType(served, step.draft);
    served.type.applyDefaults(step.draft);
    const context = this.context(call);
    const owners = plan.owners ? await plan.owners(step.draft, current, context.nowMs) : current.metadata.managedFields;
    setManagedFields(step.draft, owners);
    const dryRun = isDryRun(call);
    const identity = { namespace: call.namespace, name: call.name, dryRun };
    const run = new AdmissionRun(this.#deps, call, {
      operation: 'UPDATE',
      served,
      kind: plan.shown?.kind ?? kindOf(info),
      object: plan.shown ? plan.shown.read(step.draft) : step.draft,
      oldObject: plan.shown ? plan.shown.read(current) : current,
      ...identity,
    });
    const object = admittedDraft(plan, step.draft, await run.admit());
    keepServerMeta(object, current);
    plan.prepare(object, current, context);
    if (plan.subresource === '') dropDisabledFields(kindOf(info), object, current);
    setManagedFields(object, owners);
    // Where a pod runs is not its user's wish: binding leaves the generation at 1 (KEP-5067's conformance tests).
    if (plan.subresource !== 'status' && plan.subresource !== 'binding') nextGeneration(info, object, current);
    const release: Release | undefined = plan.subresource === '' ? served.strategy.reserve?.(object, current, context) : undefined;
    try {
      demandValid(served, call.name, [
        ...this.#deps.validator.validateUpdate(info, object, current, plan.subresource),
        ...((await served.strategy.validate?.(object, current, context)) ?? []),
      ]);
      if (plan.subresource === '') warnOf(served, call, { object, old: current });
      await run.validate(plan.shown ? plan.shown.read(object) : object);
      return await this.#replace(served, { object, current, head, plan, run, dryRun });
    } finally {
      release?.();
    }
  }

  async #replace(
    served: ServedResource,
    write: { object: KubeObject; current: KubeObject; head: Entry<KubeObject>; plan: UpdatePlan; run: AdmissionRun; dryRun: boolean },
  ): Promise<WriteResult> {
    const { object, current, head, plan, run, dryRun } = write;
    const stored = shareUnchanged(await toStored(served, object), head.object);
    if (isSame(stored, head.object)) return { object: current, entry: dryRun ? undefined : await this.durable(head), created: false };
    object.metadata.resourceVersion = current.metadata.resourceVersion ?? '';
    if (dryRun) {
      run.draw();
      return { object, entry: undefined, created: false };
    }
    const durability: Durability = plan.subresource === 'status' ? served.statusDurability : served.durability;
    const { store } = this.#deps;
    if (isDeletionDone(object, served.strategy.holdOnDelete?.(object) ?? false)) {
      const entry = await store.delete<KubeObject>(head.key, { revision: head.revision, durability });
      const metadata = { ...object.metadata, resourceVersion: String(entry.revision) };
      return { object: { ...object, metadata }, entry: undefined, created: false };
    }
    const update = () => store.update(head.key, stored, { revision: head.revision, durability });
    const entry = await bookedWrite({ store, key: head.key, run }, update);
    return await this.#written(served, entry, false);
  }

  async #written(served: ServedResource, entry: Entry<KubeObject>, created: boolean): Promise<WriteResult> {
    if (served.conversion?.load) await loadStored(served, [entry.object]);
    return { object: fromStored(served, entry.object), entry, created };
  }

  /** Resolves when what was read from the head state is durable. */
  async durable(entry: Entry<KubeObject>): Promise<Entry<KubeObject>> {
    const { store } = this.#deps;
    if (entry.revision <= store.revision) return entry;
    await new Promise<void>((resolve) => {
      const progress = store.onProgress((revision) => {
        if (revision < entry.revision) return;
        progress.close();
        resolve();
      });
    });
    return entry;
  }
}

/** Whether nothing is to be stored. */
export function isDryRun(call: ApiCall): boolean {
  return (call.options.dryRun?.length ?? 0) > 0;
}

/** The draft with what the mutating plugins have made of it, or of its view. */
function admittedDraft({ shown }: UpdatePlan, draft: KubeObject, admitted: KubeObject | undefined): KubeObject {
  if (!shown || !admitted) return admitted ?? draft;
  shown.write(draft, admitted);
  return draft;
}

function prepareNew(served: ServedResource, object: KubeObject, context: WriteContext): void {
  if (served.info.hasStatus && !served.strategy.prepareForCreate) delete (object as { status?: unknown }).status;
  served.strategy.prepareForCreate?.(object, context);
  dropDisabledFields(kindOf(served.info), object);
}
