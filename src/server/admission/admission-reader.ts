// What admission plugins read of the cluster, the newest state, at once; and the little that they write.

import type { KubeObject, ObjectName } from '../../api/object.ts';
import type { TypedResource } from '../../client/client.ts';

/** Synchronous reads of the newest state. Objects are frozen. */
export interface AdmissionReader {
  get<T extends KubeObject>(resource: TypedResource<T>, name: ObjectName): T | undefined;
  /** All objects, or those of one namespace. */
  list<T extends KubeObject>(resource: TypedResource<T>, namespace?: string): T[];
}

/** Writes that belong to the admission of another one. */
export interface AdmissionWriter {
  /** Replaces an object as it was read, by one with another status. The head state has it before this returns; resolves when it is durable. */
  replaceStatus<T extends KubeObject>(resource: TypedResource<T>, object: T): Promise<void>;
}

/** Whether the request is about that resource itself, not a sub-resource of it. */
export function isAbout(
  request: { resource: { group: string; resource: string }; subresource: string },
  group: string,
  resource: string,
): boolean {
  return request.resource.group === group && request.resource.resource === resource && request.subresource === '';
}
