// What a pod asks for as a whole: KEP-753 (sidecars), KEP-2837 (pod-level resources), overhead. And its QoS class.

import { parseQuantity, Quantity } from '../../api/quantity.ts';
import type { Container, Pod, ResourceRequirements } from '../../api/types/core-v1.gen.ts';
import { isSidecar } from './pod-containers.ts';

/** The QoS classes of pods. */
export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

/** Amounts by resource name. */
export type ResourceAmounts = ReadonlyMap<string, Quantity>;

type Kind = 'requests' | 'limits';

const parse = (list: Readonly<Record<string, string>> | undefined): ResourceAmounts =>
  new Map(Object.entries(list ?? {}).map(([name, text]) => [name, parseQuantity(text)]));

function sum(a: ResourceAmounts, b: ResourceAmounts): ResourceAmounts {
  const out = new Map(a);
  for (const [name, amount] of b) out.set(name, out.get(name)?.add(amount) ?? amount);
  return out;
}

function most(a: ResourceAmounts, b: ResourceAmounts): ResourceAmounts {
  const out = new Map(a);
  for (const [name, amount] of b) {
    const other = out.get(name);
    if (!other || other.compare(amount) < 0) out.set(name, amount);
  }
  return out;
}

function total(pod: Pod, kind: Kind): ResourceAmounts {
  const of = (c: Container): ResourceAmounts => parse(c.resources?.[kind]);
  let running: ResourceAmounts = pod.spec.containers.map(of).reduce(sum, new Map());
  let sidecars: ResourceAmounts = new Map();
  let peak: ResourceAmounts = new Map();
  for (const container of pod.spec.initContainers ?? []) {
    if (isSidecar(container)) {
      running = sum(running, of(container));
      sidecars = sum(sidecars, of(container));
      peak = most(peak, sidecars);
    } else peak = most(peak, sum(sidecars, of(container)));
  }
  const own = parse(pod.spec.resources?.[kind]);
  const amounts = new Map([...most(running, peak), ...own]);
  const overhead = parse(pod.spec.overhead);
  if (kind === 'requests') return sum(amounts, overhead);
  return new Map([...amounts].map(([name, amount]) => [name, amount.add(overhead.get(name) ?? Quantity.of(0))]));
}

/** Requests of the whole pod. */
export const podRequests = (pod: Pod): ResourceAmounts => total(pod, 'requests');

/** Limits of the whole pod: the sum of those containers that have one. */
export const podLimits = (pod: Pod): ResourceAmounts => total(pod, 'limits');

/** Whether the pod as a whole is limited: it says so itself, or each of its containers has a limit. */
export function isLimited(pod: Pod, resource: string): boolean {
  if (pod.spec.resources?.limits?.[resource] !== undefined) return true;
  return [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].every((c) => c.resources?.limits?.[resource] !== undefined);
}

const QOS_RESOURCES = ['cpu', 'memory'] as const;

/** The QoS class by the documented rules; what the API says already is kept, because it never changes. */
export function qosClass(pod: Pod): QosClass {
  const known = pod.status?.qosClass;
  if (known === 'Guaranteed' || known === 'Burstable' || known === 'BestEffort') return known;
  const all: (ResourceRequirements | undefined)[] = pod.spec.resources
    ? [pod.spec.resources]
    : [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].map((c) => c.resources);
  const positive = (r: ResourceRequirements | undefined, kind: Kind, name: string): boolean => parse(r?.[kind]).get(name)?.sign() === 1;
  const asks = all.some((r) => QOS_RESOURCES.some((name) => positive(r, 'requests', name) || positive(r, 'limits', name)));
  if (!asks) return 'BestEffort';
  const guaranteed = all.every((r) =>
    QOS_RESOURCES.every((name) => {
      const limit = parse(r?.limits).get(name);
      const request = parse(r?.requests).get(name) ?? limit;
      return limit?.sign() === 1 && request?.equals(limit);
    }),
  );
  return guaranteed ? 'Guaranteed' : 'Burstable';
}
