// Which resources may be written late: what heartbeats and events would wear out flash for. Everything else is durable before it is answered.

import { groupResourceString } from '../../api/resources.ts';
import type { Durability } from '../store/store.ts';

const LAZY: ReadonlySet<string> = new Set(['leases.coordination.k8s.io', 'events', 'events.events.k8s.io']);
const LAZY_STATUS: ReadonlySet<string> = new Set([...LAZY, 'nodes']);

/** Durability of a write; `subresource` is `''` for the resource itself. */
export function durabilityOf(info: { group: string; resource: string }, subresource: string): Durability {
  return (subresource === 'status' ? LAZY_STATUS : LAZY).has(groupResourceString(info)) ? 'lazy' : 'strict';
}
