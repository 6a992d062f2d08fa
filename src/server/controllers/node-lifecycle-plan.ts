// What the node lifecycle controller decides: whether a node still lives, its taints, how fast pods may be evicted. Pure.
// Rules: Kubernetes documentation "Nodes: Node controller", "Taint based Evictions", "Taint Nodes by Condition".

import { deepEqual } from '../../api/copy.ts';
import type { Node, NodeCondition, Taint } from '../../api/types/core-v1.gen.ts';

/** A node that gave no sign of life for this long is not known to be ready: the default of --node-monitor-grace-period. */
const MONITOR_GRACE_MS = 50_000;
/** The same for a node that has never reported. */
const STARTUP_GRACE_MS = 60_000;
/** Between two looks at a node. */
export const MONITOR_PERIOD_MS = 5_000;

const NOT_READY = 'node.kubernetes.io/not-ready';
const UNREACHABLE = 'node.kubernetes.io/unreachable';

/** What was seen of a node last. Times are monotonic milliseconds. */
export interface NodeObservation {
  readonly ready: string | undefined;
  readonly heartbeat: string | undefined;
  readonly leaseRenewTime: string | undefined;
  /** When the last sign of life was seen, by our own clock: the node's may differ. */
  readonly seenMs: number;
}

/** The condition of that type. */
export function nodeCondition(node: Node, type: string): NodeCondition | undefined {
  return node.status?.conditions?.find((condition) => condition.type === type);
}

/** Notes a look at a node: a changed lease or heartbeat is a sign of life. */
export function observe(
  before: NodeObservation | undefined,
  node: Node,
  seen: { readonly leaseRenewTime: string | undefined; readonly nowMs: number },
): NodeObservation {
  const ready = nodeCondition(node, 'Ready');
  const next = { ready: ready?.status, heartbeat: ready?.lastHeartbeatTime, leaseRenewTime: seen.leaseRenewTime };
  const alive =
    !before || before.heartbeat !== next.heartbeat || (next.leaseRenewTime !== undefined && before.leaseRenewTime !== next.leaseRenewTime);
  return { ...next, seenMs: alive ? seen.nowMs : before.seenMs };
}

/** Conditions a kubelet reports: unknown as soon as it is silent. */
const KUBELET_CONDITIONS = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];

function unknown(old: NodeCondition | undefined, type: string, now: { created: string; text: string }): NodeCondition {
  const never = { reason: 'NodeStatusNeverUpdated', message: 'Kubelet never posted node status.' };
  const stopped = { reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' };
  return {
    type,
    status: 'Unknown',
    lastHeartbeatTime: old?.lastHeartbeatTime ?? now.created,
    lastTransitionTime: now.text,
    ...(old ? stopped : never),
  };
}

/** The conditions of a node that was silent for too long; undefined while it is not, or when they say so already. */
export function silentConditions(
  node: Node,
  observation: NodeObservation,
  at: { readonly nowMs: number; readonly now: string },
): NodeCondition[] | undefined {
  const grace = nodeCondition(node, 'Ready') ? MONITOR_GRACE_MS : STARTUP_GRACE_MS;
  if (at.nowMs - observation.seenMs <= grace) return undefined;
  const times = { created: node.metadata.creationTimestamp ?? at.now, text: at.now };
  const stale = KUBELET_CONDITIONS.filter((type) => nodeCondition(node, type)?.status !== 'Unknown');
  if (stale.length === 0) return undefined;
  const kept = (node.status?.conditions ?? []).filter((condition) => !stale.includes(condition.type));
  return [...kept, ...stale.map((type) => unknown(nodeCondition(node, type), type, times))];
}

/** Taints by condition: which status of which condition gives which key. */
const CONDITION_TAINTS: readonly { readonly type: string; readonly status: string; readonly key: string }[] = [
  { type: 'Ready', status: 'False', key: NOT_READY },
  { type: 'Ready', status: 'Unknown', key: UNREACHABLE },
  { type: 'MemoryPressure', status: 'True', key: 'node.kubernetes.io/memory-pressure' },
  { type: 'DiskPressure', status: 'True', key: 'node.kubernetes.io/disk-pressure' },
  { type: 'NetworkUnavailable', status: 'True', key: 'node.kubernetes.io/network-unavailable' },
  { type: 'PIDPressure', status: 'True', key: 'node.kubernetes.io/pid-pressure' },
];
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable';
const MANAGED_NO_SCHEDULE = new Set([...CONDITION_TAINTS.map((taint) => taint.key), UNSCHEDULABLE]);

/** What to do about NoExecute taints of nodes that are not ready: `keep` = not now. */
export type Eviction = 'allowed' | 'keep' | 'cancelled';

function isManaged(taint: Taint): boolean {
  if (taint.effect === 'NoSchedule') return MANAGED_NO_SCHEDULE.has(taint.key);
  return taint.effect === 'NoExecute' && (taint.key === NOT_READY || taint.key === UNREACHABLE);
}

/** The key of the NoExecute taint a node needs; undefined when it is ready. */
export function evictionTaintKey(node: Node): string | undefined {
  const status = nodeCondition(node, 'Ready')?.status;
  return status === 'False' ? NOT_READY : status === 'Unknown' ? UNREACHABLE : undefined;
}

/** Whether the node has the NoExecute taint it needs. */
export function hasEvictionTaint(node: Node): boolean {
  const key = evictionTaintKey(node);
  return node.spec?.taints?.some((taint) => taint.effect === 'NoExecute' && taint.key === key) ?? false;
}

/** All taints a node is to have; undefined when it has them. Taints of others stay. */
export function plannedTaints(node: Node, eviction: Eviction, now: string): Taint[] | undefined {
  const taints = node.spec?.taints ?? [];
  const wanted = CONDITION_TAINTS.filter(({ type, status }) => nodeCondition(node, type)?.status === status).map(({ key }) => ({
    key,
    effect: 'NoSchedule',
  }));
  if (node.spec?.unschedulable) wanted.push({ key: UNSCHEDULABLE, effect: 'NoSchedule' });
  const evictionKey = evictionTaintKey(node);
  const hasAny = taints.some((taint) => taint.effect === 'NoExecute' && isManaged(taint));
  const evict = eviction === 'allowed' || (eviction === 'keep' && hasAny);
  if (evictionKey !== undefined && evict) wanted.push({ key: evictionKey, effect: 'NoExecute' });
  const same = (a: Taint, b: Taint): boolean => a.key === b.key && a.effect === b.effect;
  const kept = taints.filter((taint) => !isManaged(taint) || wanted.some((w) => same(w, taint)));
  const added = wanted.filter((w) => !taints.some((taint) => same(w, taint))).map((w) => ({ ...w, timeAdded: now }));
  const out = [...kept, ...added];
  return deepEqual(out, taints) ? undefined : out;
}

/** How a zone is doing. */
export type ZoneState = 'normal' | 'partial' | 'full';

/** A zone is partly disrupted when more than two and at least this share of its nodes are not ready. */
const UNHEALTHY_ZONE_SHARE = 0.55;
/** Zones up to this size stop evicting when they are partly disrupted. */
const SMALL_ZONE = 50;

/** The state of a zone by the numbers of its nodes. */
export function zoneState(ready: number, notReady: number): ZoneState {
  if (ready === 0 && notReady > 0) return 'full';
  return notReady > 2 && notReady / (ready + notReady) >= UNHEALTHY_ZONE_SHARE ? 'partial' : 'normal';
}

/** Evictions (nodes tainted) per second in a zone; 0 when every zone is fully disrupted: then it is us who is cut off. */
export function evictionRate(state: ZoneState, zone: { readonly nodes: number; readonly allZonesFull: boolean }): number {
  if (zone.allZonesFull) return 0;
  if (state !== 'partial') return 0.1;
  return zone.nodes > SMALL_ZONE ? 0.01 : 0;
}

/** The zone of a node by its labels. */
export function zoneOf(node: Node): string {
  const { labels = {} } = node.metadata;
  return `${labels['topology.kubernetes.io/region'] ?? ''}:${labels['topology.kubernetes.io/zone'] ?? ''}`;
}
