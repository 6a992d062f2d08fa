// Resources of containers that change while they run (KEP-1287): what a pod wishes, what the node has allocated to it, what each
// container has. Pure.

import { podRequests } from '../../api/pod-resources.ts';
import { parseQuantity, Quantity } from '../../api/quantity.ts';
import type { Container, Node, Pod, ResourceRequirements } from '../../api/types/core-v1.gen.ts';

/** Resources by container name. */
export type Sizes = ReadonlyMap<string, ResourceRequirements>;

/** What can be changed in place. */
const RESIZABLE = ['cpu', 'memory'] as const;

type Resource = (typeof RESIZABLE)[number];

const amount = (list: Readonly<Record<string, string>> | undefined, name: string): Quantity => parseQuantity(list?.[name] ?? '0');

const all = (pod: Pod): readonly Container[] => [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];

/** The sizes in a pod's spec. */
export function wishedSizes(pod: Pod): Sizes {
  return new Map(all(pod).map((c) => [c.name, c.resources ?? {}]));
}

/** The sizes the API says were allocated: after a restart of kts it is the only record. What it does not say is as wished. */
export function recordedSizes(pod: Pod): Sizes {
  const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])];
  const recorded = statuses.flatMap(({ name, state, resources, allocatedResources }): [string, ResourceRequirements][] => {
    if (!state?.running || !resources) return [];
    return [[name, { ...resources, ...(allocatedResources && { requests: allocatedResources }) }]];
  });
  return new Map([...wishedSizes(pod), ...recorded]);
}

/** The pod with other sizes. */
export function withSizes(pod: Pod, sizes: Sizes): Pod {
  const sized = (c: Container): Container => ({ ...c, resources: { ...c.resources, ...sizes.get(c.name) } });
  const { containers, initContainers } = pod.spec;
  return {
    ...pod,
    spec: { ...pod.spec, containers: containers.map(sized), ...(initContainers && { initContainers: initContainers.map(sized) }) },
  };
}

/** The resources in which two sizes differ. */
export function changedResources(a: ResourceRequirements = {}, b: ResourceRequirements = {}): readonly Resource[] {
  const same = (name: Resource, kind: 'requests' | 'limits'): boolean => amount(a[kind], name).equals(amount(b[kind], name));
  return RESIZABLE.filter((name) => !same(name, 'requests') || !same(name, 'limits'));
}

/** Whether sizes differ in any container. */
export function sizesDiffer(a: Sizes, b: Sizes): boolean {
  return [...a].some(([name, size]) => changedResources(size, b.get(name)).length > 0);
}

/** The greater of each amount: limits under which both sizes fit while one becomes the other. */
export function greaterSizes(a: Sizes, b: Sizes): Sizes {
  const most = (x: Readonly<Record<string, string>> = {}, y: Readonly<Record<string, string>> = {}): Record<string, string> => {
    const names = [...new Set([...Object.keys(x), ...Object.keys(y)])];
    return Object.fromEntries(names.map((n) => [n, amount(x, n).compare(amount(y, n)) >= 0 ? (x[n] ?? '0') : (y[n] ?? '0')]));
  };
  return new Map(
    [...a].map(([name, size]) => {
      const other = b.get(name) ?? {};
      return [name, { ...size, requests: most(size.requests, other.requests), limits: most(size.limits, other.limits) }];
    }),
  );
}

/** Whether the container has to be restarted for these changes. */
export function needsRestart({ resizePolicy = [] }: Container, changed: readonly string[]): boolean {
  return resizePolicy.some((p) => p.restartPolicy === 'RestartContainer' && changed.includes(p.resourceName));
}

/** Why a wish cannot be granted: never on this node, or not now. */
export interface ResizeRefusal {
  readonly reason: 'Infeasible' | 'Deferred';
  readonly message: string;
}

/** Decides about a pod with its wished sizes; `others` are the node's other active pods as allocated. */
export function refuseResize(pod: Pod, others: readonly Pod[], node: Node): ResizeRefusal | undefined {
  const allocatable = node.status?.allocatable ?? {};
  let deferred: ResizeRefusal | undefined;
  for (const name of RESIZABLE) {
    const number = (q: Quantity): number => (name === 'cpu' ? q.milliValue() : q.value());
    const wish = podRequests(pod).get(name) ?? Quantity.of(0);
    const capacity = parseQuantity(allocatable[name] ?? '0');
    const of = `requested: ${number(wish)}`;
    if (wish.compare(capacity) > 0)
      return { reason: 'Infeasible', message: `Node didn't have enough capacity: ${name}, ${of}, capacity: ${number(capacity)}` };
    const used = others.reduce((sum, other) => sum.add(podRequests(other).get(name) ?? Quantity.of(0)), Quantity.of(0));
    if (used.add(wish).compare(capacity) <= 0) continue;
    const message = `Node didn't have enough resource: ${name}, ${of}, used: ${number(used)}, capacity: ${number(capacity)}`;
    deferred ??= { reason: 'Deferred', message };
  }
  return deferred;
}
