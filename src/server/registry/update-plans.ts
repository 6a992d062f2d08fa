// What an update of a resource, or of its status, may change: plans for the writer that are the same for every resource.

import type { KubeObject } from '../../api/object.ts';
import { groupResourceString } from '../../api/resources.ts';
import { badRequest, conflict, StatusError } from '../../api/status-error.ts';
import type { ApiCall } from '../../client/api-backend.ts';
import { appliedConfiguration, isApply } from './apply-body.ts';
import { appliedDraft, ownersOfUpdated } from './field-management.ts';
import { checkNamespace } from './object-identity.ts';
import { patched } from './patch-body.ts';
import { keyFor, type ServedResource } from './served-resource.ts';
import { draftOf, objectOf } from './stored-form.ts';
import type { ObjectView } from './subresource.ts';
import type { UpdatePlan } from './update-plan.ts';
import { storageConflict } from './update-precondition.ts';

/** The object that an update or patch makes of the current one. @throws StatusError */
function transformed(served: ServedResource, current: KubeObject, call: ApiCall): KubeObject {
  const draft = call.verb === 'patch' ? patched(current, call, served.type) : draftOf(call.body);
  checkDraft(draft, call);
  return draft;
}

/** The plan of an update of the resource itself. */
export function mainPlan(served: ServedResource, call: ApiCall): UpdatePlan {
  checkBodyName(call);
  const prepare: UpdatePlan['prepare'] = (object, old, context) => {
    if (served.info.hasStatus) copyField(object, old, 'status');
    served.strategy.prepareForUpdate?.(object, old, context);
  };
  if (isApply(call)) return applyPlan(served, call, prepare);
  const createInstead = (): KubeObject => {
    const draft = draftOf(call.body);
    checkDraft(draft, call);
    if (draft.metadata.uid) throw uidOfNothing(served, call, draft.metadata.uid);
    return draft;
  };
  return {
    subresource: '',
    transform: (current) => transformed(served, current, call),
    owners: (draft, current, nowMs) => ownersOfUpdated({ served, call, nowMs }, draft, current),
    prepare,
    ...(call.verb === 'update' && served.flags.createOnUpdate && { createInstead }),
  };
}

/** The plan of an update of a view of the resource. */
export function viewPlan(served: ServedResource, call: ApiCall, view: ObjectView): UpdatePlan {
  checkBodyName(call);
  const prepare: UpdatePlan['prepare'] = (object, old, context) => view.prepare(object, old, context);
  if (isApply(call)) return applyPlan(served, call, prepare);
  return {
    subresource: call.subresource,
    transform: (current) => transformed(served, current, call),
    owners: (draft, current, nowMs) => ownersOfUpdated({ served, call, nowMs }, draft, current),
    prepare,
  };
}

/** The plan of a server-side apply. What does not exist is created, but not by way of a sub-resource. */
function applyPlan(served: ServedResource, call: ApiCall, prepare: UpdatePlan['prepare']): UpdatePlan {
  const config = appliedConfiguration(call, served.type);
  const applied = async (current: KubeObject | undefined, nowMs: number): Promise<KubeObject> => {
    const draft = await appliedDraft({ served, call, nowMs }, config, current);
    checkDraft(draft, call);
    return draft;
  };
  const createInstead = async (nowMs: number): Promise<KubeObject> => {
    const draft = await applied(undefined, nowMs);
    const { uid } = draft.metadata;
    if (uid)
      throw conflict(served.info, call.name, `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`);
    return draft;
  };
  return {
    subresource: call.subresource,
    transform: applied,
    owners: (draft) => draft.metadata.managedFields,
    prepare,
    ...(call.subresource === '' && { createInstead }),
  };
}

function uidOfNothing(served: ServedResource, call: ApiCall, uid: string): StatusError {
  const what = `Operation cannot be fulfilled on ${groupResourceString(served.info)} "${call.name}"`;
  const why = storageConflict(keyFor(served, call.namespace, call.name), { asked: uid, found: '' });
  return new StatusError(409, 'Conflict', `${what}: ${why}`);
}

/** The generic view of /status: everything but status and parts of the metadata stays. */
export function statusView(served: ServedResource, subresource: string): ObjectView | undefined {
  if (subresource !== 'status' || !served.info.hasStatus) return undefined;
  return {
    type: 'object',
    prepare: (object, old, context) => {
      if (served.strategy.prepareForStatusUpdate) {
        served.strategy.prepareForStatusUpdate(object, old, context);
        return;
      }
      for (const field of new Set([...Object.keys(object), ...Object.keys(old)])) {
        if (field !== 'metadata' && field !== 'status' && field !== 'kind' && field !== 'apiVersion') copyField(object, old, field);
      }
      if (old.metadata.labels) object.metadata.labels = { ...old.metadata.labels };
      else delete object.metadata.labels;
    },
  };
}

/** Sets a top-level field to what it was. */
function copyField(object: KubeObject, old: KubeObject, field: string): void {
  const value = Reflect.get(old, field);
  if (value === undefined) Reflect.deleteProperty(object, field);
  else Reflect.set(object, field, value);
}

/** An update says in its body whom it is about: that is checked before anybody is looked for. */
function checkBodyName(call: ApiCall): void {
  if (call.verb === 'update') checkName(objectOf(call.body), call);
}

function checkName(draft: KubeObject, call: ApiCall): void {
  const { name = '' } = draft.metadata ?? {};
  if (name === '') throw badRequest(`the name of the object (${call.name} based on URL) was undeterminable: name must be provided`);
  if (name !== call.name) throw badRequest(`the name of the object (${name}) does not match the name on the URL (${call.name})`);
}

/** Whom a draft is about; its namespace is set to that of the request. @throws StatusError BadRequest */
function checkDraft(draft: KubeObject, call: ApiCall): void {
  checkName(draft, call);
  checkNamespace(draft, call.namespace);
}
