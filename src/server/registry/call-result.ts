// The answers of the pipeline: what a call gives back, before it is written in the form that the client asked for.

import type { KubeList, KubeObject } from '../../api/object.ts';
import { StatusError } from '../../api/status-error.ts';
import type { Status } from '../../api/types/meta-v1.gen.ts';
import type { Entry } from '../store/store.ts';
import type { ListPage } from './object-reader.ts';
import type { WriteResult } from './object-writer.ts';
import type { ServedResource } from './served-resource.ts';
import { fromStored, loadStored } from './stored-form.ts';

/** The answer to a call: one object, a Status, or a page of stored entries. */
export type CallResult =
  | {
      readonly type: 'object';
      readonly object: KubeObject;
      /** The object as JSON, when it is at hand as stored. */
      readonly bytes: Uint8Array | undefined;
      readonly code: 200 | 201 | 202;
    }
  | { readonly type: 'page'; readonly served: ServedResource; readonly page: ListPage }
  | { readonly type: 'objects'; readonly served: ServedResource; readonly objects: readonly KubeObject[] };

/** The object of an entry as it is shown. */
export async function shown(served: ServedResource, entry: Entry<KubeObject>): Promise<CallResult> {
  if (served.conversion?.load) await loadStored(served, [entry.object]);
  const object = fromStored(served, entry.object);
  return { type: 'object', object, bytes: object === entry.object ? entry.bytes : undefined, code: 200 };
}

/** What a write has left. */
export function written(result: WriteResult): CallResult {
  // Bytes are of the stored version: usable when the object shown is the stored one itself.
  const bytes = result.entry && result.entry.object === result.object ? result.entry.bytes : undefined;
  return { type: 'object', object: result.object, bytes, code: result.created ? 201 : 200 };
}

/** An object that is not stored, or a Status. */
export function answer(object: KubeObject | Status, code: 200 | 201 = 200): CallResult {
  // A Status has metadata and kind like any object; its list metadata is what differs.
  return { type: 'object', object: object as KubeObject, bytes: undefined, code };
}

/** The answer to a delete that has removed the object. */
export function deletedStatus(served: ServedResource, object: KubeObject): Status {
  const { name = '', uid = '' } = object.metadata;
  const { group, resource } = served.info;
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name, ...(group !== '' && { group }), kind: resource, uid },
  };
}

/** Metadata of a list answer. */
export function listMeta(page: ListPage | undefined, revision: number): KubeList['metadata'] {
  return {
    resourceVersion: String(page?.revision ?? revision),
    ...(page?.continue !== undefined && { continue: page.continue }),
    ...(page?.remaining !== undefined && { remainingItemCount: page.remaining }),
  };
}

/** 404 for a resource that is not served. */
export function resourceNotFound(): StatusError {
  return new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
}
