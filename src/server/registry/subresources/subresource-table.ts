// Which sub-resource is what, by `resource.group/name`. /status is generic and not listed; log, exec and the like are relayed by http/streaming.

import type { Subresource } from '../subresource.ts';

/** The sub-resources of the built-in resources. */
export function subresourceTable(_deps: unknown): ReadonlyMap<string, Subresource> {
  return new Map<string, Subresource>();
}
