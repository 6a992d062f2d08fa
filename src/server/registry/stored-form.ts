// Objects on their way into the store and out of it: stored version and served version, drafts and bodies.

import { decodeObject } from '../../api/codec/decode.ts';
import { encodeObject } from '../../api/codec/encode.ts';
import { deepCopy, isObject } from '../../api/copy.ts';
import type { KubeObject } from '../../api/object.ts';
import { groupVersionString, parseGroupVersion } from '../../api/resources.ts';
import { builtinSchema, type Message } from '../../api/schema/schema.ts';
import { badRequest } from '../../api/status-error.ts';
import type { ServedResource } from './served-resource.ts';

/** The object in the version that is served. */
export function fromStored(served: ServedResource, object: KubeObject): KubeObject {
  return served.conversion ? served.conversion.fromStored(object) : object;
}

/**
 * The object as it is stored: fields in the order of the schema, kind and apiVersion first, nothing that is left unsaid, so that the
 * stored bytes are what a client gets. In-process writers may have passed empty values; the codec drops them.
 */
export function toStored(served: ServedResource, object: KubeObject): KubeObject {
  const { resourceVersion: _, ...metadata } = object.metadata;
  const own: KubeObject = { ...object, kind: served.info.kind, apiVersion: groupVersionString(served.info), metadata };
  const stored = served.conversion ? served.conversion.toStored(own) : own;
  const message = served.conversion ? messageOfStored(stored) : served.message;
  if (!message) return stored;
  return decodeObject<KubeObject>(encodeObject(stored, message), message).object;
}

function messageOfStored(stored: KubeObject): Message | undefined {
  const gv = parseGroupVersion(stored.apiVersion ?? '');
  return gv && builtinSchema().kind(gv.group, gv.version, stored.kind ?? '');
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
