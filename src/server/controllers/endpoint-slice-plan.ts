// Packs endpoints into EndpointSlices with as few writes as can be: pure. As upstream's reconciler: what is there stays where
// it is, changed slices are filled first, then one with just enough room, then new ones.

import { deepEqual } from '../../api/copy.ts';
import type { KubeObject } from '../../api/object.ts';
import type { Endpoint, EndpointPort, EndpointSlice } from '../../api/types/discovery-v1.gen.ts';
import type { ObjectMeta } from '../../api/types/meta-v1.gen.ts';

/** Endpoints a slice is filled with: upstream's --max-endpoints-per-slice. */
const MAX_ENDPOINTS_PER_SLICE = 100;

type Slice = EndpointSlice & KubeObject;

/** Endpoints that share ports and address type. */
export interface EndpointGroup {
  readonly addressType: string;
  readonly ports: readonly EndpointPort[];
  readonly endpoints: readonly Endpoint[];
}

/** What is wanted of one service (or mirrored Endpoints). */
export interface DesiredSlices {
  readonly groups: readonly EndpointGroup[];
  /** Address types that keep an empty slice when they have no endpoint, so that consumers see that there are none. */
  readonly placeholders: readonly string[];
  /** Metadata of every slice: generateName, namespace, labels, annotations, ownerReferences. */
  readonly metadata: ObjectMeta;
}

/** The writes that lead there. */
export interface SlicePlan {
  readonly create: readonly Slice[];
  readonly update: readonly Slice[];
  readonly delete: readonly Slice[];
}

interface Draft {
  readonly slice: Slice | undefined;
  endpoints: Endpoint[];
  changed: boolean;
}

/** Plans the writes from the slices that exist to what is desired. */
export function planSlices(desired: DesiredSlices, existing: readonly Slice[]): SlicePlan {
  const plan = { create: [] as Slice[], update: [] as Slice[], delete: [] as Slice[] };
  const left = new Set(existing);
  for (const group of withPlaceholders(desired)) {
    const same = existing.filter((s) => left.has(s) && groupKey(s.addressType, s.ports ?? []) === groupKey(group.addressType, group.ports));
    // Without endpoints one slice says so; what more there is goes.
    const kept = group.endpoints.length > 0 ? same : same.slice(0, 1);
    for (const slice of kept) left.delete(slice);
    for (const draft of packGroup(group, kept)) emit(plan, { draft, group, desired });
  }
  plan.delete.push(...left);
  return plan;
}

/** Groups that have endpoints, and an empty one for each address type that would have none. */
function withPlaceholders({ groups, placeholders }: DesiredSlices): EndpointGroup[] {
  const full = groups.filter((g) => g.endpoints.length > 0);
  const missing = placeholders.filter((type) => !full.some((g) => g.addressType === type));
  return [...full, ...missing.map((addressType) => ({ addressType, ports: [], endpoints: [] }))];
}

/** The slices of one group. A draft without endpoints is to be deleted unless it is the only one of an empty group. */
function packGroup(group: EndpointGroup, existing: readonly Slice[]): Draft[] {
  const wanted = new Map(group.endpoints.map((endpoint) => [endpointKey(endpoint), endpoint]));
  const drafts = existing.map((slice) => keepWanted(slice, wanted));
  let rest = [...wanted.values()];
  for (const draft of drafts.filter((d) => d.changed).sort((a, b) => b.endpoints.length - a.endpoints.length)) rest = fill(draft, rest);
  while (rest.length > 0) {
    const room = rest.length < MAX_ENDPOINTS_PER_SLICE ? closestFit(drafts, rest.length) : undefined;
    const draft = room ?? { slice: undefined, endpoints: [], changed: true };
    if (!room) drafts.push(draft);
    rest = fill(draft, rest);
  }
  if (group.endpoints.length === 0 && drafts.length === 0) drafts.push({ slice: undefined, endpoints: [], changed: true });
  return drafts;
}

/** The slice with those of its endpoints that are still wanted, which leave `wanted`. */
function keepWanted(slice: Slice, wanted: Map<string, Endpoint>): Draft {
  const endpoints: Endpoint[] = [];
  for (const endpoint of slice.endpoints ?? []) {
    const key = endpointKey(endpoint);
    const now = wanted.get(key);
    if (!now) continue;
    wanted.delete(key);
    endpoints.push(deepEqual(endpoint, now) ? endpoint : now);
  }
  const before = slice.endpoints ?? [];
  const changed = endpoints.length !== before.length || endpoints.some((endpoint, n) => endpoint !== before[n]);
  return { slice, endpoints, changed };
}

/** Moves endpoints into the draft as far as there is room; returns the others. */
function fill(draft: Draft, rest: readonly Endpoint[]): Endpoint[] {
  const room = MAX_ENDPOINTS_PER_SLICE - draft.endpoints.length;
  if (room <= 0 || rest.length === 0) return [...rest];
  draft.endpoints = [...draft.endpoints, ...rest.slice(0, room)];
  draft.changed = true;
  return rest.slice(room);
}

/** The fullest slice that has room for all. */
function closestFit(drafts: readonly Draft[], count: number): Draft | undefined {
  const fitting = drafts.filter((d) => d.endpoints.length + count <= MAX_ENDPOINTS_PER_SLICE);
  return fitting.sort((a, b) => b.endpoints.length - a.endpoints.length)[0];
}

function emit(
  plan: { create: Slice[]; update: Slice[]; delete: Slice[] },
  { draft, group, desired }: { draft: Draft; group: EndpointGroup; desired: DesiredSlices },
): void {
  const { slice, endpoints, changed } = draft;
  if (!slice) {
    const { addressType, ports } = group;
    plan.create.push({ metadata: desired.metadata, addressType, endpoints, ports: [...ports] });
  } else if (endpoints.length === 0 && group.endpoints.length > 0) plan.delete.push(slice);
  else if (changed || !hasMetadata(slice, desired.metadata))
    plan.update.push({ ...slice, endpoints, metadata: merged(slice, desired.metadata) });
}

function hasMetadata({ metadata }: Slice, wanted: ObjectMeta): boolean {
  const annotationsKept = Object.entries(wanted.annotations ?? {}).every(([name, value]) => metadata.annotations?.[name] === value);
  return (
    deepEqual(metadata.labels ?? {}, wanted.labels ?? {}) && annotationsKept && deepEqual(metadata.ownerReferences, wanted.ownerReferences)
  );
}

function merged({ metadata }: Slice, { labels, annotations, ownerReferences }: ObjectMeta): ObjectMeta {
  const all = { ...metadata.annotations, ...annotations };
  return {
    ...metadata,
    ...(labels && { labels }),
    ...(ownerReferences && { ownerReferences }),
    ...(Object.keys(all).length > 0 && { annotations: all }),
  };
}

/** Slices of the same key can hold each other's endpoints. The order of ports does not matter. */
export function groupKey(addressType: string, ports: readonly EndpointPort[]): string {
  const texts = ports.map(({ name = '', protocol = 'TCP', port, appProtocol }) => JSON.stringify([name, protocol, port, appProtocol]));
  return `${addressType} ${texts.sort().join()}`;
}

/** What makes an endpoint the same one when its conditions change. */
function endpointKey({ addresses, hostname, targetRef }: Endpoint): string {
  return JSON.stringify([addresses, hostname, targetRef?.namespace, targetRef?.name, targetRef?.uid]);
}
