// Resource amounts as the scheduler counts them: whole numbers (milli-CPU, bytes, units), so that a cycle does no exact
// quantity arithmetic. Rules: Kubernetes documentation "Resource management", "Init containers", "Sidecar containers", "Pod overhead".

import { parseQuantity } from '../../api/quantity.ts';
import type { Container, ContainerStatus, Pod } from '../../api/types/core-v1.gen.ts';

/** Amounts of resources. `other` holds extended resources and huge pages by name. */
export interface Resources {
  milliCpu: number;
  /** Bytes. */
  memory: number;
  /** Bytes. */
  ephemeralStorage: number;
  readonly other: Map<string, number>;
}

/** What a pod without requests is counted as when nodes are compared, so that many such pods are spread. */
const DEFAULT_MILLI_CPU = 100;
const DEFAULT_MEMORY = 200 * 1024 * 1024;

type ResourceList = Readonly<Record<string, string>>;

/** No resources at all. */
export function noResources(): Resources {
  return { milliCpu: 0, memory: 0, ephemeralStorage: 0, other: new Map() };
}

/** A copy that may be changed. */
export function copyResources(from: Resources): Resources {
  return { ...from, other: new Map(from.other) };
}

/** Adds `amount` (or, with sign -1, takes it away) in place. */
export function addResources(to: Resources, amount: Resources, sign: 1 | -1 = 1): void {
  to.milliCpu += sign * amount.milliCpu;
  to.memory += sign * amount.memory;
  to.ephemeralStorage += sign * amount.ephemeralStorage;
  for (const [name, value] of amount.other) to.other.set(name, (to.other.get(name) ?? 0) + sign * value);
}

function raiseTo(to: Resources, floor: Resources): void {
  to.milliCpu = Math.max(to.milliCpu, floor.milliCpu);
  to.memory = Math.max(to.memory, floor.memory);
  to.ephemeralStorage = Math.max(to.ephemeralStorage, floor.ephemeralStorage);
  for (const [name, value] of floor.other) to.other.set(name, Math.max(to.other.get(name) ?? 0, value));
}

/** Thousandths of a unit, rounded up: for `cpu`. */
function milliUnits(quantity: string): number {
  return Number(parseQuantity(quantity).milliValue());
}

/** Whole units, rounded up: bytes and counts. */
export function wholeUnits(quantity: string): number {
  return Number(parseQuantity(quantity).value());
}

/** Reads a resource list. `pods` is left out: it is a limit of nodes, not a request. */
export function resourcesOf(list: ResourceList | undefined): Resources {
  const out = noResources();
  for (const [name, quantity] of Object.entries(list ?? {})) {
    if (name === 'cpu') out.milliCpu = milliUnits(quantity);
    else if (name === 'memory') out.memory = wholeUnits(quantity);
    else if (name === 'ephemeral-storage') out.ephemeralStorage = wholeUnits(quantity);
    else if (name !== 'pods') out.other.set(name, wholeUnits(quantity));
  }
  return out;
}

/** Requests of a container; while it is being resized, what it holds or was promised if that is more. */
function containerRequests(container: Container, status: ContainerStatus | undefined, infeasible: boolean): Resources {
  const held = status && [status.allocatedResources, status.resources?.requests].filter((list) => list !== undefined);
  const requests = infeasible && held?.length ? noResources() : resourcesOf(container.resources?.requests);
  for (const list of held ?? []) raiseTo(requests, resourcesOf(list));
  return requests;
}

type RequestsOf = (container: Container) => Resources;

function sumOfContainers(pod: Pod, requestsOf: RequestsOf): Resources {
  const total = noResources();
  for (const container of pod.spec.containers) addResources(total, requestsOf(container));
  const sidecars = noResources();
  const peak = noResources();
  for (const container of pod.spec.initContainers ?? []) {
    const requests = requestsOf(container);
    if (container.restartPolicy === 'Always') {
      addResources(total, requests);
      addResources(sidecars, requests);
      raiseTo(peak, sidecars);
    } else {
      addResources(requests, sidecars);
      raiseTo(peak, requests);
    }
  }
  raiseTo(total, peak);
  return total;
}

function applyPodLevel(total: Resources, pod: Pod): void {
  const podLevel = pod.spec.resources?.requests;
  if (podLevel) {
    const amounts = resourcesOf(podLevel);
    if (podLevel['cpu'] !== undefined) total.milliCpu = amounts.milliCpu;
    if (podLevel['memory'] !== undefined) total.memory = amounts.memory;
    for (const [name, value] of amounts.other) total.other.set(name, value);
  }
  addResources(total, resourcesOf(pod.spec.overhead));
}

function statusesByName(pod: Pod): ReadonlyMap<string, ContainerStatus> | undefined {
  const all = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])];
  return all.length === 0 ? undefined : new Map(all.map((status) => [status.name, status]));
}

const resizeIsInfeasible = (pod: Pod): boolean =>
  pod.status?.conditions?.some((c) => c.type === 'PodResizePending' && c.reason === 'Infeasible') ?? false;

/** What a pod takes from its node: containers or the peak of its init containers, sidecars, pod-level requests, overhead. */
export function podRequests(pod: Pod): Resources {
  const statuses = statusesByName(pod);
  const infeasible = resizeIsInfeasible(pod);
  const total = sumOfContainers(pod, (c) => containerRequests(c, statuses?.get(c.name), infeasible));
  applyPodLevel(total, pod);
  return total;
}

/** As `podRequests`, with a default for each container that requests no CPU or no memory: for comparing nodes only. */
export function podRequestsWithDefaults(pod: Pod): Resources {
  const statuses = statusesByName(pod);
  const infeasible = resizeIsInfeasible(pod);
  const total = sumOfContainers(pod, (c) => {
    const requests = containerRequests(c, statuses?.get(c.name), infeasible);
    if (c.resources?.requests?.['cpu'] === undefined && requests.milliCpu === 0) requests.milliCpu = DEFAULT_MILLI_CPU;
    if (c.resources?.requests?.['memory'] === undefined && requests.memory === 0) requests.memory = DEFAULT_MEMORY;
    return requests;
  });
  applyPodLevel(total, pod);
  return total;
}
