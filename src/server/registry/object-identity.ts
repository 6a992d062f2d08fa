// What makes an object the one it is: its type, and what the server gives every object: uid, creation time, the namespace it was sent to.

import { randomUUID } from 'node:crypto';
import type { KubeObject } from '../../api/object.ts';
import { groupVersionString } from '../../api/resources.ts';
import { alreadyExists, badRequest, StatusError } from '../../api/status-error.ts';
import { rfc3339 } from '../../base/clock.ts';
import type { ServedResource } from './served-resource.ts';

/** Sets what belongs to the server in the metadata of a new object; drops what a client may not say. */
export function fillNewMeta(object: KubeObject, namespace: string, nowMs: number): void {
  const { uid: _u, creationTimestamp: _c, selfLink: _s, deletionTimestamp: _d, deletionGracePeriodSeconds: _g, ...rest } = object.metadata;
  const { resourceVersion: _r, generation: _n, managedFields: _m, ...meta } = rest;
  object.metadata = { ...meta, ...(namespace !== '' && { namespace }), uid: randomUUID(), creationTimestamp: rfc3339(nowMs) };
}

/** Takes over from the stored object what no update changes. */
export function keepServerMeta(object: KubeObject, old: KubeObject): void {
  const meta = object.metadata;
  const before = old.metadata;
  if (before.namespace) meta.namespace = before.namespace;
  copyOrDrop(object, old, 'uid');
  copyOrDrop(object, old, 'creationTimestamp');
  copyOrDrop(object, old, 'deletionTimestamp');
  copyOrDrop(object, old, 'deletionGracePeriodSeconds');
  copyOrDrop(object, old, 'generation');
  copyOrDrop(object, old, 'generateName');
  delete meta.selfLink;
  delete meta.managedFields;
}

type ServerField = 'uid' | 'creationTimestamp' | 'deletionTimestamp' | 'deletionGracePeriodSeconds' | 'generation' | 'generateName';

function copyOrDrop(object: KubeObject, old: KubeObject, field: ServerField): void {
  const value = old.metadata[field];
  if (value === undefined) delete object.metadata[field];
  else Object.assign(object.metadata, { [field]: value });
}

/**
 * The namespace of a body must be that of the request; an absent one is filled in. What belongs to no namespace loses the one it names:
 * charts set it on everything. @throws StatusError BadRequest
 */
export function checkNamespace(object: KubeObject, namespace: string): void {
  const own = object.metadata.namespace;
  if (namespace === '') delete object.metadata.namespace;
  else if (own !== undefined && own !== '' && own !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  } else object.metadata.namespace = namespace;
}

/** Why a name cannot be taken: 409, also while the object of that name is on its way out. */
export function existsError(served: ServedResource, existing: KubeObject): StatusError {
  const error = alreadyExists(served.info, existing.metadata.name ?? '');
  if (!existing.metadata.deletionTimestamp) return error;
  return new StatusError(409, 'AlreadyExists', `object is being deleted: ${error.message}`, error.status.details);
}

/** Fills in kind and apiVersion, or demands that they are those of the resource. @throws StatusError BadRequest */
export function checkType(served: ServedResource, object: KubeObject): void {
  const { info } = served;
  const apiVersion = groupVersionString(info);
  object.metadata ??= {};
  if (object.apiVersion && object.apiVersion !== apiVersion) {
    throw badRequest(`the API version in the data (${object.apiVersion}) does not match the expected API version (${apiVersion})`);
  }
  if (object.kind && object.kind !== info.kind) {
    throw badRequest(
      `${info.kind} in version ${JSON.stringify(info.version)} cannot be handled as a ${info.kind}: the object provided is a ${object.kind}`,
    );
  }
  object.kind = info.kind;
  object.apiVersion = apiVersion;
}
