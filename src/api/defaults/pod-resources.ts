// Default values of resources in pods (not in templates): requests follow limits, and pod-level resources follow the containers'.

import { Quantity, tryParseQuantity } from '../quantity.ts';
import type { Container, PodSpec, ResourceRequirements } from '../types/core-v1.gen.ts';

/** Container requests follow their limits; with hostNetwork host ports follow container ports. */
export function defaultPodContainers(spec: PodSpec): void {
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    if (container.resources?.limits) requestsFromLimits(container.resources);
    if (!spec.hostNetwork) continue;
    for (const port of container.ports ?? []) port.hostPort ||= port.containerPort;
  }
}

function requestsFromLimits(resources: ResourceRequirements): void {
  for (const [name, limit] of Object.entries(resources.limits ?? {})) {
    resources.requests ??= {};
    resources.requests[name] ??= limit;
  }
}

/** Pod-level resources: what is missing is made of the containers' (KEP-2837). */
export function defaultPodLevelResources(spec: PodSpec): void {
  const { resources } = spec;
  if (!resources || (isEmpty(resources.limits) && isEmpty(resources.requests))) return;
  defaultHugePageLimits(spec, resources);
  if (isEmpty(resources.limits)) return;
  for (const name of ['cpu', 'memory']) {
    const total = aggregate(spec, 'requests', name);
    if (!total || resources.requests?.[name] !== undefined) continue;
    resources.requests ??= {};
    resources.requests[name] = total.toString();
  }
  requestsFromLimits(resources);
}

const isEmpty = (list: object | undefined): boolean => list === undefined || Object.keys(list).length === 0;

function defaultHugePageLimits(spec: PodSpec, resources: ResourceRequirements): void {
  const names = new Set(
    (spec.containers ?? []).flatMap(({ resources: own }) => Object.keys(own?.limits ?? {})).filter((name) => name.startsWith('hugepages-')),
  );
  for (const name of names) {
    const total = aggregate(spec, 'limits', name);
    if (!total || resources.limits?.[name] !== undefined || resources.requests?.[name] !== undefined) continue;
    resources.limits ??= {};
    resources.limits[name] = total.toString();
  }
}

/** What the pod needs at its peak: all containers with sidecars, or an init container with the sidecars started before it. */
function aggregate(spec: PodSpec, list: 'limits' | 'requests', name: string): Quantity | undefined {
  const amounts = (containers: readonly Container[] | undefined): (Quantity | undefined)[] =>
    (containers ?? []).map(({ resources }) => {
      const text = resources?.[list]?.[name];
      return text === undefined ? undefined : tryParseQuantity(text);
    });
  const own = amounts(spec.containers);
  const init = amounts(spec.initContainers);
  if ([...own, ...init].every((amount) => amount === undefined)) return undefined;
  let sidecars: Quantity = Quantity.of(0);
  let peak: Quantity = Quantity.of(0);
  (spec.initContainers ?? []).forEach((container, index) => {
    const needed = sidecars.add(init[index] ?? Quantity.of(0));
    if (container.restartPolicy === 'Always') sidecars = needed;
    if (needed.compare(peak) > 0) peak = needed;
  });
  const running = own.reduce<Quantity>((sum, amount) => (amount ? sum.add(amount) : sum), sidecars);
  return running.compare(peak) >= 0 ? running : peak;
}
