// The options of client calls as the API's query and bodies: shared by both transports so that they ask the same.

import type { DeleteOptions } from '../api/types/meta-v1.gen.ts';
import type { PatchMediaType, RequestOptions } from './api-backend.ts';
import type { ListOptions, Patch, WatchOptions, WriteOptions } from './client.ts';

/** The media type of each kind of patch. */
export const PATCH_MEDIA_TYPES: Readonly<Record<Patch['type'], PatchMediaType>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

/** Query of list and deletecollection. */
export function listQuery(options: ListOptions): RequestOptions {
  const { labelSelector, fieldSelector, limit, resourceVersion, resourceVersionMatch } = options;
  return {
    ...(labelSelector && { labelSelector }),
    ...(fieldSelector && { fieldSelector }),
    ...(limit !== undefined && { limit }),
    ...(options.continue && { continue: options.continue }),
    ...(resourceVersion && { resourceVersion }),
    ...(resourceVersionMatch && { resourceVersionMatch }),
  };
}

/** Query of watch. Initial events demand `resourceVersionMatch=NotOlderThan` and bookmarks (KEP-3157). */
export function watchQuery(options: WatchOptions): RequestOptions {
  const { labelSelector, fieldSelector, resourceVersion, sendInitialEvents } = options;
  return {
    ...(labelSelector && { labelSelector }),
    ...(fieldSelector && { fieldSelector }),
    ...(resourceVersion && { resourceVersion }),
    ...((options.allowBookmarks || sendInitialEvents) && { allowWatchBookmarks: true }),
    ...(sendInitialEvents && { sendInitialEvents, resourceVersionMatch: 'NotOlderThan' }),
  };
}

/** Query of create, update and patch. */
export function writeQuery(options: WriteOptions): RequestOptions {
  return {
    ...(options.dryRun && { dryRun: ['All'] }),
    ...(options.fieldManager && { fieldManager: options.fieldManager }),
    ...(options.force && { force: true }),
  };
}

/** Body of delete and deletecollection. */
export function deleteBody(options: DeleteOptions & { signal?: AbortSignal }): DeleteOptions {
  const { signal: _, ...body } = options;
  return { kind: 'DeleteOptions', apiVersion: 'v1', ...body };
}
