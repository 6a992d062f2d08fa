// The resources that are not stored, by `resource.group`.

import type { VirtualResource } from './virtual-resource.ts';

/** What reviews need of the server. */
export type ReviewDeps = object;

/** The table. */
export function virtualResources(_deps: ReviewDeps): ReadonlyMap<string, VirtualResource> {
  return new Map<string, VirtualResource>();
}
