// Objects on their way into the store and out of it: stored version and served version, drafts and bodies.

import { sameOwners } from '../../api/apply/managed-fields.ts';
import { deepCopy, deepEqual, isObject } from '../../api/copy.ts';
import type { KubeObject } from '../../api/object.ts';
import { groupVersionString } from '../../api/resources.ts';
import { badRequest } from '../../api/status-error.ts';
import type { ServedResource } from './served-resource.ts';

/** Makes stored objects ready to be shown: `fromStored` may then be called for them. @throws StatusError */
export async function loadStored(served: ServedResource, objects: readonly KubeObject[]): Promise<void> {
  await served.conversion?.load?.(objects);
}

/** The object in the version that is served; the very same object when it is stored so. */
export function fromStored(served: ServedResource, object: KubeObject): KubeObject {
  return served.conversion ? served.conversion.fromStored(object) : object;
}

/**
 * The object as it is stored: fields in the order of the schema, kind and apiVersion first, nothing that is left unsaid, so that the
 * stored bytes are what a client gets. In-process writers may have passed empty values; the codec drops them. managedFields are
 * the server's own and share their parts with other objects: they are taken as they are.
 */
export function toStored(served: ServedResource, object: KubeObject): KubeObject | Promise<KubeObject> {
  const { resourceVersion: _, managedFields, ...metadata } = object.metadata;
  const own: KubeObject = { ...object, kind: served.info.kind, apiVersion: groupVersionString(served.info), metadata };
  const finish = (stored: KubeObject): KubeObject => {
    const form = (served.conversion?.storedType ?? served.type).canonical(stored);
    if (managedFields) form.metadata.managedFields = managedFields;
    return form;
  };
  const stored = served.conversion ? served.conversion.toStored(own) : own;
  return stored instanceof Promise ? stored.then(finish) : finish(stored);
}

/** The object, which is of one version of a resource, in another. A copy: conversions may share parts with what they get, and freeze them. @throws StatusError */
export async function convertForm(object: KubeObject, from: ServedResource, to: ServedResource): Promise<KubeObject> {
  const own = draftOf(object);
  const stored = from.conversion ? await from.conversion.toStored(own) : own;
  await loadStored(to, [stored]);
  return fromStored(to, stored);
}

/** Lets an object share with its older state, in place, what has not changed: history and copies of it then cost what has. */
export function shareUnchanged(object: KubeObject, old: KubeObject): KubeObject {
  for (const [name, value] of Object.entries(object)) {
    const before: unknown = Reflect.get(old, name);
    if (name !== 'metadata' && typeof before === 'object' && deepEqual(value, before)) Reflect.set(object, name, before);
  }
  return object;
}

/** Whether an object without a version is what is stored already, whenever its fields were last written. */
export function isSame(stored: KubeObject, head: KubeObject): boolean {
  const { managedFields: _s, ...own } = stored.metadata;
  const { resourceVersion: _r, managedFields: _h, ...metadata } = head.metadata;
  return deepEqual({ ...stored, metadata: own }, { ...head, metadata }) && sameOwners(stored, head);
}

/** A body as an object. @throws StatusError BadRequest */
export function objectOf(body: unknown): KubeObject {
  if (!isObject(body)) throw badRequest('the object provided is not an object');
  // The codec has given it the shape of an API object.
  return body as unknown as KubeObject;
}

/** A copy to change. @throws StatusError BadRequest */
export function draftOf(body: unknown): KubeObject {
  return deepCopy(objectOf(body));
}
