// What a pod asks for as a whole: KEP-753 (sidecars), KEP-2837 (pod-level resources), overhead. And its QoS class. Pure.

import { Quantity } from './quantity.ts';
import { mostAmounts, NO_AMOUNTS, parseAmounts, type ResourceAmounts, sumAmounts } from './resource-amounts.ts';
import type { Container, Pod, ResourceRequirements } from './types/core-v1.gen.ts';

/** The QoS classes of pods. */
export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

type Kind = 'requests' | 'limits';

/** Whether an init container keeps running beside the others (KEP-753). */
export function isSidecar(container: Container): boolean {
  return container.restartPolicy === 'Always';
}

function total(pod: Pod, kind: Kind): ResourceAmounts {
  const of = (c: Container): ResourceAmounts => parseAmounts(c.resources?.[kind]);
  let running = pod.spec.containers.map(of).reduce(sumAmounts, NO_AMOUNTS);
  let sidecars = NO_AMOUNTS;
  let peak = NO_AMOUNTS;
  for (const container of pod.spec.initContainers ?? []) {
    if (isSidecar(container)) {
      running = sumAmounts(running, of(container));
      sidecars = sumAmounts(sidecars, of(container));
      peak = mostAmounts(peak, sidecars);
    } else peak = mostAmounts(peak, sumAmounts(sidecars, of(container)));
  }
  const own = parseAmounts(pod.spec.resources?.[kind]);
  const amounts = new Map([...mostAmounts(running, peak), ...own]);
  const overhead = parseAmounts(pod.spec.overhead);
  if (kind === 'requests') return sumAmounts(amounts, overhead);
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
    : [...(pod.spec.containers ?? []), ...(pod.spec.initContainers ?? [])].map((c) => c.resources);
  const positive = (r: ResourceRequirements | undefined, kind: Kind, name: string): boolean =>
    parseAmounts(r?.[kind]).get(name)?.sign() === 1;
  const asks = all.some((r) => QOS_RESOURCES.some((name) => positive(r, 'requests', name) || positive(r, 'limits', name)));
  if (!asks) return 'BestEffort';
  const guaranteed = all.every((r) =>
    QOS_RESOURCES.every((name) => {
      const limit = parseAmounts(r?.limits).get(name);
      const request = parseAmounts(r?.requests).get(name) ?? limit;
      return limit?.sign() === 1 && request?.equals(limit);
    }),
  );
  return guaranteed ? 'Guaranteed' : 'Burstable';
}
