// Fields of a pod as environment values: those of downward API volumes and, beyond them, the pod's and the node's addresses.

import type { Pod, PodStatus } from '../../api/types/core-v1.gen.ts';
import { kubeletError } from './errors.ts';
import { podFieldText } from './volumes/downward-api.ts';

const OF_STATUS: Readonly<Record<string, (status: PodStatus) => string>> = {
  'status.podIP': (status) => status.podIP ?? '',
  'status.podIPs': (status) => (status.podIPs ?? []).map((p) => p.ip).join(','),
  'status.hostIP': (status) => status.hostIP ?? '',
  'status.hostIPs': (status) => (status.hostIPs ?? []).map((p) => p.ip).join(','),
};

/**
 * The value of a field of the pod (its `status` must hold the addresses that are asked for).
 * @throws KtsError `kubelet-field-ref` for a path that is none.
 */
export function fieldRefValue(pod: Pod, path: string): string {
  const get = Object.hasOwn(OF_STATUS, path) ? OF_STATUS[path] : undefined;
  const text = get ? get(pod.status ?? {}) : podFieldText(pod, path);
  if (text === undefined) throw kubeletError('kubelet-field-ref', `unsupported fieldPath: ${path}`);
  return text;
}
