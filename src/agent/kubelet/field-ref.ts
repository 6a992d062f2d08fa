// The downward API: fields of a pod and resources of its containers as text (documentation page "Downward API").

import { parseQuantity, Quantity } from '../../api/quantity.ts';
import type { Container, Pod, ResourceFieldSelector } from '../../api/types/core-v1.gen.ts';
import { kubeletError } from './errors.ts';

/** Labels or annotations as a file of the downward API holds them: sorted `key="value"` lines, values as Go strings. */
function formatMap(map: Readonly<Record<string, string>> | undefined): string {
  return Object.entries(map ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join('\n');
}

const PLAIN: Readonly<Record<string, (pod: Pod) => string>> = {
  'metadata.name': (pod) => pod.metadata.name ?? '',
  'metadata.namespace': (pod) => pod.metadata.namespace ?? '',
  'metadata.uid': (pod) => pod.metadata.uid ?? '',
  'metadata.labels': (pod) => formatMap(pod.metadata.labels),
  'metadata.annotations': (pod) => formatMap(pod.metadata.annotations),
  'spec.nodeName': (pod) => pod.spec.nodeName ?? '',
  'spec.serviceAccountName': (pod) => pod.spec.serviceAccountName ?? '',
  'status.podIP': (pod) => pod.status?.podIP ?? '',
  'status.podIPs': (pod) => (pod.status?.podIPs ?? []).map((p) => p.ip).join(','),
  'status.hostIP': (pod) => pod.status?.hostIP ?? '',
  'status.hostIPs': (pod) => (pod.status?.hostIPs ?? []).map((p) => p.ip).join(','),
};

/**
 * The value of a field of the pod (its `status` must hold the addresses that are asked for).
 * @throws KtsError `kubelet-field-ref` for a path that is none.
 */
export function fieldRefValue(pod: Pod, path: string): string {
  const keyed = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path);
  if (keyed) return (keyed[1] === 'labels' ? pod.metadata.labels : pod.metadata.annotations)?.[keyed[2] ?? ''] ?? '';
  const get = Object.hasOwn(PLAIN, path) ? PLAIN[path] : undefined;
  if (!get) throw kubeletError('kubelet-field-ref', `unsupported fieldPath: ${path}`);
  return get(pod);
}

/**
 * The value of a resource of a container, divided by the divisor and rounded up. A limit that is not set is the node's allocatable.
 * @throws KtsError `kubelet-field-ref` for a resource that is none.
 */
export function resourceFieldValue(
  container: Pick<Container, 'resources'>,
  selector: Pick<ResourceFieldSelector, 'resource' | 'divisor'>,
  allocatable: Readonly<Record<string, string>>,
): string {
  const match = /^(limits|requests)\.(.+)$/.exec(selector.resource);
  const kind = match?.[1] === 'limits' ? 'limits' : 'requests';
  const name = match?.[2] ?? '';
  if (!match || !/^(cpu|memory|ephemeral-storage|hugepages-.+)$/.test(name))
    throw kubeletError('kubelet-field-ref', `unsupported container resource : ${selector.resource}`);
  const fallback = kind === 'limits' && !name.startsWith('hugepages-') ? allocatable[name] : undefined;
  const amount = parseQuantity(container.resources?.[kind]?.[name] ?? fallback ?? '0');
  const asked = parseQuantity(selector.divisor ?? '0');
  const divisor = asked.isZero() ? Quantity.of(1) : asked;
  return String((amount.nanos + divisor.nanos - 1n) / divisor.nanos);
}
